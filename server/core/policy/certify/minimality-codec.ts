import { parseWorkloadIdText } from '#core/baseline/edge-codec.ts';
import {
  readCount,
  readFields,
  readList,
  readOneOf,
  readParsed,
  readText,
} from '#core/baseline/json-reader.ts';
import {
  type BudgetReport,
  type BudgetStep,
  type Minimality,
  type RuleNeed,
  type RulesAbove,
  WIDENING_KINDS,
} from '../certificate.ts';

const DIRECTIONS = ['ingress', 'egress'] as const;

const readWorkloadId = readParsed(parseWorkloadIdText, 'cluster/namespace/kind/name');

/** Reads what would break without each rule. */
export const readMinimality = readFields<Minimality>({
  rules: readList(
    readFields<RuleNeed>({
      rule: readText,
      edges: readCount,
      conversations: readCount,
      backedBy: readList(readText),
    }),
  ),
  redundant: readCount,
  ruleCount: readCount,
  atLeast: readCount,
  above: readList(
    readFields<RulesAbove>({
      workload: readWorkloadId,
      direction: readOneOf(DIRECTIONS),
      rules: readCount,
      atLeast: readCount,
    }),
  ),
});

/** Reads what a budget of extras was spent on. */
export const readBudget = readFields<BudgetReport>({
  maxExtra: readCount,
  spent: readCount,
  steps: readList(
    readFields<BudgetStep>({
      workload: readWorkloadId,
      direction: readOneOf(DIRECTIONS),
      kind: readOneOf(WIDENING_KINDS),
      what: readText,
      saved: readCount,
      extra: readCount,
      admits: readList(
        readFields<BudgetStep['admits'][number]>({ peer: readText, ports: readList(readText) }),
      ),
    }),
  ),
});
