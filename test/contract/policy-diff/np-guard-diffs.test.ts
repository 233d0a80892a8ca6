import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { describeWorkload } from '#core/policy/cluster/cluster-model.ts';
import type { AddressRange } from '#core/policy/connections/address-range.ts';
import { isSamePorts, type PortSet, portSetKey } from '#core/policy/connections/port-set.ts';
import { diffPolicies, type PolicyDiff } from '#core/policy/diff/policy-diff.ts';
import { readCluster } from '../../../server/adapters/manifests/read-cluster.ts';
import { hasRecordings, recording, skippedWithoutRecordings } from '../../support/recordings.ts';
import {
  asNpGuardReads,
  caseFolder,
  endAsNpGuard,
  joinedRanges,
  NP_GUARD_PROFILE,
  parseEnd,
  parsePorts,
  rangeText,
  readSuite,
} from '../np-guard/np-guard-suite.ts';

/** One line of a diff, an external end as a range: what both formats are brought to. */
interface Fact {
  readonly from: string | AddressRange;
  readonly to: string | AddressRange;
  readonly kind: string;
  readonly before: PortSet;
  readonly after: PortSet;
  /** Which of the ends came or went, in np-guard's words. */
  readonly info: string;
}

const portsOf = (text: string): PortSet => (text === 'No Connections' ? [] : parsePorts(text));

const LINE =
  /^diff-type: (\w+), source: (\S+), destination: (\S+), ref1: (.+), ref2: (.+?)(?:, workloads-diff-info: workload (.+))?$/;

/** What policies decide; what the ingress controller may do is another question. */
function expectedFacts(name: string): readonly Fact[] {
  const text = readFileSync(
    recording('netpol', 'np-guard', 'expected', 'diff', `diff_between_${name}.txt`),
    'utf8',
  );
  const lines = text.split('\n').filter((line) => line.startsWith('diff-type'));
  return lines
    .filter((line) => !line.includes('source: {ingress-controller}'))
    .map((line) => {
      const [, kind, from, to, before, after, info = ''] = LINE.exec(line) ?? [];
      if (!kind || !from || !to || !before || !after) throw new Error(`no line of a diff: ${line}`);
      const ends = { from: parseEnd(from), to: parseEnd(to) };
      return { ...ends, kind, before: portsOf(before), after: portsOf(after), info };
    });
}

async function diffOf(name: string): Promise<PolicyDiff> {
  const [later = '', old = ''] = name.split('_and_');
  const [after, before] = await Promise.all([later, old].map((each) => readCluster([caseFolder(each)])));
  if (before === undefined || after === undefined) throw new Error(name);
  return diffPolicies({
    old: asNpGuardReads(before.model),
    new: asNpGuardReads(after.model),
    profile: NP_GUARD_PROFILE,
  });
}

function infoOf(diff: PolicyDiff, ends: readonly string[]): string {
  const { added, gone } = diff.workloads;
  const among = (own: PolicyDiff['workloads']['added']): readonly string[] =>
    ends.filter((end) => own.some((workload) => describeWorkload(workload) === end));
  const told = [
    { names: among(added), word: 'added' },
    { names: among(gone), word: 'removed' },
  ].filter(({ names }) => names.length > 0);
  return told.map(({ names, word }) => `${names.join(' and ')} ${word}`).join(' and ');
}

/** Our changes as np-guard has them: IPv4 alone, no word about replicas, none about which of the pods. */
const factsOf = (diff: PolicyDiff): readonly Fact[] =>
  diff.changes
    .filter(({ before, after }) => !isSamePorts(before.ports, after.ports))
    .map((change): Fact => {
      const [from, to] = [endAsNpGuard(change.from), endAsNpGuard(change.to)];
      const info = infoOf(
        diff,
        [from, to].filter((end) => typeof end === 'string'),
      );
      return { from, to, kind: change.kind, before: change.before.ports, after: change.after.ports, info };
    })
    .filter(({ from, to }) => typeof from !== 'string' || from !== to)
    .filter(({ from, to }) => [from, to].every((end) => typeof end === 'string' || end.family === 'IPv4'));

/** One text per fact, sorted; ranges with the same answer are one, however a format cuts them. */
function canonical(facts: readonly Fact[]): readonly string[] {
  const lines: string[] = [];
  const outside = new Map<string, AddressRange[]>();
  for (const { from, to, kind, before, after, info } of facts) {
    const [fromText, toText] = [from, to].map((end) => (typeof end === 'string' ? end : 'EXTERNAL'));
    const text = `${kind} ${fromText} => ${toText} : ${portSetKey(before)} -> ${portSetKey(after)} ${info}`;
    const range = [from, to].find((end) => typeof end !== 'string');
    if (range === undefined || typeof range === 'string') lines.push(text);
    else outside.set(text, [...(outside.get(text) ?? []), range]);
  }
  for (const [text, ranges] of outside)
    lines.push(text.replace('EXTERNAL', joinedRanges(ranges).map(rangeText).join(' ')));
  return lines.sort();
}

/** Lines of all diffs together, without those of the ingress controller. */
const LINES_AT_LEAST = 140;

describe.skipIf(!hasRecordings)(`np-guard's diffs${skippedWithoutRecordings}`, () => {
  const cases = hasRecordings ? readSuite().diff : [];

  test.each(cases)('%s: every change it lists is found, and no other', async (name) => {
    expect(canonical(factsOf(await diffOf(name)))).toEqual(canonical(expectedFacts(name)));
  });

  test.each(cases)(
    '%s: every change names the policies responsible, in both worlds where there are two',
    async (name) => {
      const { changes } = await diffOf(name);
      const silent = changes.filter(({ reasons }) => reasons.length === 0);
      expect(silent).toEqual([]);
      const byPolicy = changes.filter(
        ({ openedByPolicy, closedByPolicy }) => openedByPolicy.length + closedByPolicy.length > 0,
      );
      const oneSided = byPolicy.filter(({ reasons }) =>
        reasons.every(({ directions }) =>
          directions.some(({ before, after }) => before === undefined || after === undefined),
        ),
      );
      expect(oneSided).toEqual([]);
    },
  );

  test('no diff and no line is left out', () => {
    expect(cases.length).toBe(11);
    expect(cases.flatMap(expectedFacts).length).toBeGreaterThan(LINES_AT_LEAST);
  });
});
