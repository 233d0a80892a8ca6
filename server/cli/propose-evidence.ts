import { formatInstant } from '#core/flow/time.ts';
import { lossKindText, noHoldOutText, rateText } from '#core/policy/holdout/describe-hold-out.ts';
import { type HoldOut, LOSS_KINDS } from '#core/policy/holdout/hold-out.ts';
import type { Proposal, RuleReason } from '#core/policy/proposal.ts';
import { planRollout } from '#core/policy/rollout/plan-rollout.ts';
import type { RolloutPlan } from '#core/policy/rollout/rollout-plan.ts';
import { formatCount, formatDuration, plural, printable, UsageError } from './terminal.ts';

/** Rows that a terminal shows of each list; the files have more. */
const ROWS_SHOWN = 5;

const LARGEST_SHARE = 0.9;

/** The share that `--hold-out` names: 0 turns it off. Throws {@link UsageError} for what is none. */
export function holdOutShare(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const share = /^(?:\d+(?:\.\d+)?|\.\d+)$/.test(text) ? Number(text) : Number.NaN;
  if (share >= 0 && share <= LARGEST_SHARE) return share;
  throw new UsageError(
    `--hold-out ${printable(text)} is no share of the recording: write it from 0 (off) to ${LARGEST_SHARE}, like 0.2.`,
  );
}

const isLoss = ({ kind }: HoldOut['rows'][number]): boolean => LOSS_KINDS.some((each) => each === kind);

function holdOutLines(holdOut: HoldOut | undefined): readonly string[] {
  if (holdOut === undefined) return [];
  const nothing = noHoldOutText(holdOut);
  if (nothing !== undefined) return [`hold-out: none. ${nothing}`];
  const { lost, admitted, rows, cutAt, span } = holdOut;
  const all = plural(lost.conversations + admitted.conversations, 'conversation');
  const rest = formatDuration(span.until - cutAt);
  const head = `hold-out: learnt up to ${formatInstant(cutAt)} alone, ${formatCount(lost.conversations)} of ${all} in the ${rest} after it would have been lost (${rateText(holdOut)})`;
  const lossRows = rows.filter(isLoss);
  const shown = lossRows.slice(0, ROWS_SHOWN);
  const hidden = lossRows.length - shown.length;
  return [
    head,
    ...shown.map((row) => `  lost: ${row.line} (${row.conversations}; ${lossKindText(row.kind)})`),
    ...(hidden > 0 ? [`  and ${formatCount(hidden)} more (see REPORT.md)`] : []),
  ];
}

function confidenceLines({ policies }: Proposal): readonly string[] {
  const reasons = policies.flatMap(({ policy, reasons: own }) =>
    own.map((reason): readonly [string, RuleReason] => [
      `${policy.metadata.namespace ?? 'default'}/${policy.metadata.name} ${reason.direction}[${reason.index}]`,
      reason,
    ]),
  );
  if (reasons.length === 0) return [];
  const grades = (['A', 'B', 'C', 'D'] as const).map(
    (grade) => `${formatCount(reasons.filter(([, { confidence }]) => confidence === grade).length)} ${grade}`,
  );
  const weak = reasons.filter(([, { confidence }]) => confidence > 'B');
  const shown = weak.toSorted(([, a], [, b]) => (a.confidence > b.confidence ? -1 : 1)).slice(0, ROWS_SHOWN);
  const hidden = weak.length - shown.length;
  return [
    `confidence of the rules: ${grades.join(', ')}`,
    ...shown.map(([rule, { confidence, comment, parts }]) => {
      const needs = parts?.needs === undefined ? '' : `; needs: ${parts.needs}`;
      return `  ${confidence}: ${rule} ${comment}${needs}`;
    }),
    ...(hidden > 0 ? [`  and ${formatCount(hidden)} more of C or D (see REPORT.md)`] : []),
  ];
}

function rolloutLines({ waves, isSafe }: RolloutPlan): readonly string[] {
  if (waves.length === 0) return [];
  const safety = isSafe
    ? 'no state on the way cuts what the whole admits'
    : 'SOME STATE ON THE WAY CUTS what the whole admits';
  return [`rollout: ${plural(waves.length, 'wave')}, ${safety} (see ROLLOUT.md)`];
}

/** What is known of a proposal beyond its proof, for a terminal: hold-out, confidence, rollout. */
export const evidenceLines = (proposal: Proposal, hash: (text: string) => string): readonly string[] => [
  ...(proposal.certificate.totals.trainingEdges === 0 ? [] : holdOutLines(proposal.holdOut)),
  ...confidenceLines(proposal),
  ...rolloutLines(planRollout(proposal, hash)),
];

/** The same for `--json`. */
export const evidenceJson = (proposal: Proposal, hash: (text: string) => string) => ({
  holdOut: proposal.holdOut ?? null,
  rules: proposal.policies.flatMap(({ policy, reasons }) =>
    reasons.map(({ direction, index, comment, confidence, parts }) => ({
      policy: `${policy.metadata.namespace ?? 'default'}/${policy.metadata.name}`,
      direction,
      index,
      admits: comment,
      confidence,
      parts: parts ?? null,
    })),
  ),
  rollout: planRollout(proposal, hash),
});
