import { formatInstant } from '#core/flow/time.ts';
import type { CertificateTotals } from '#core/policy/certificate.ts';
import { coverageText, describeExtra, tightnessText } from '#core/policy/describe-certificate.ts';
import type {
  ExistingReview,
  PolicyReview,
  RuleReview,
  UngovernedSide,
} from '#core/policy/existing/existing-review.ts';
import type { KeptReason } from '#core/policy/existing/mix.ts';
import { policyName } from '../app/policy-questions/placed-policies.ts';
import type { ExistingPolicies } from './review-existing.ts';
import { firstLines, firstNames, formatCount, plural, policiesText } from './terminal.ts';
import type { ExportOutcome } from './toolbox.ts';

const MOST_NAMES = 5;
/** Edges that existing policies would block, shown one by one. */
const MOST_MISSING = 10;
const WIDTH = 9;
const INDENT = ' '.repeat(WIDTH);

const some = (names: readonly string[]): string => firstNames(names, MOST_NAMES);

const KEPT_WORDS: Readonly<Record<KeptReason, string>> = {
  'needed-by-observed': 'this was seen, rests on it, and no rule of the proposal admits it',
  'isolates-others': 'without it these would be open, and the proposal closes them in no other way',
  'use-unknown': 'the recording does not tell whether one of its rules was used',
  'governs-others': 'it also governs these, which the proposal is not about',
};

/** `ingress[0] from anybody on every port: 24 conversations, last …`. */
function usageText({ status, use }: RuleReview, since: string): string {
  switch (status) {
    case 'used': {
      const alone =
        use.onlyByIt === use.conversations ? '' : `, ${formatCount(use.onlyByIt)} by no other rule`;
      const last = use.lastSeenAt === undefined ? '' : `, last ${formatInstant(use.lastSeenAt)}`;
      return `used: ${plural(use.conversations, 'conversation')}${alone}${last}`;
    }
    case 'perhaps':
      return `perhaps used: the recording does not tell (${use.perhaps.join(', ')})`;
    case 'unseen':
      return 'not known: no pod that it governs is in the flows';
    default:
      return `unused since the recording began, ${since}`;
  }
}

function wideLines({ tooWide, use }: RuleReview): readonly string[] {
  if (tooWide === undefined) return [];
  const { cells, pairs, examples, instead } = tooWide;
  const size = `${plural(cells, 'cell')} of ${plural(pairs, 'pair')}`;
  const nothing =
    use.conversations === 0
      ? 'nothing: nobody was seen to need it'
      : 'no rule of the proposal admits what it lets through';
  return [
    `  too wide: ${size} that nobody was seen to need, e.g.`,
    ...examples.map((example) => `    ${example}`),
    ...(instead.length === 0
      ? [`  instead: ${nothing}`]
      : [`  instead: ${instead[0]}`, ...instead.slice(1, MOST_NAMES).map((text) => `           ${text}`)]),
    ...(instead.length > MOST_NAMES
      ? [`           and ${formatCount(instead.length - MOST_NAMES)} more`]
      : []),
  ];
}

const isTooWide = ({ tooWide }: RuleReview): boolean => tooWide !== undefined;

const isFine = (rule: RuleReview): boolean => rule.status === 'used' && !isTooWide(rule);

function ruleLines(rule: RuleReview, since: string): readonly string[] {
  const { direction, rule: index, text } = rule;
  return [`${direction}[${index}], ${text}`, `  ${usageText(rule, since)}`, ...wideLines(rule)];
}

const FATE_WORDS = { kept: 'KEEP', removed: 'REMOVE', replaced: 'REPLACE' } as const;

function policyLines(review: PolicyReview, since: string): readonly string[] {
  const { placed, fate, keptBecause, rules, governs } = review;
  const word = keptBecause === undefined ? FATE_WORDS[fate] : 'KEEP';
  const place = `${policyName(placed.policy)} (${placed.source.file}:${placed.source.line})`;
  const shown = rules.filter((rule) => !isFine(rule));
  const fine = rules.length - shown.length;
  const nobody = governs.length === 0 ? ['no pod that it governs is in the flows'] : [];
  const because =
    keptBecause === undefined
      ? []
      : [
          `too wide, and has to stay: ${KEPT_WORDS[keptBecause.reason]}`,
          ...keptBecause.because.slice(0, MOST_NAMES).map((each) => `  ${each}`),
          ...(keptBecause.because.length > MOST_NAMES
            ? [`  and ${formatCount(keptBecause.because.length - MOST_NAMES)} more`]
            : []),
        ];
  return [
    `${word.padEnd(WIDTH)}${place}`,
    ...[
      ...because,
      ...nobody,
      ...(nobody.length > 0 ? [] : shown.flatMap((rule) => ruleLines(rule, since))),
      ...(fine === 0 ? [] : [`${plural(fine, 'other rule')} used, and no wider than the proposal's`]),
    ].map((line) => `${INDENT}${line}`),
  ];
}

/** Those of which something is to be said; what goes first. */
function tellingOf({ policies }: ExistingReview): readonly PolicyReview[] {
  const rank = ({ fate, keptBecause }: PolicyReview): number =>
    fate !== 'kept' ? 0 : keptBecause === undefined ? 2 : 1;
  return policies
    .filter(
      (review) =>
        rank(review) < 2 || review.governs.length === 0 || review.rules.some((rule) => !isFine(rule)),
    )
    .toSorted((a, b) => rank(a) - rank(b));
}

const ungovernedLine = ({ workload, direction, edges, conversations }: UngovernedSide): string =>
  `${'OPEN'.padEnd(WIDTH)}${workload}: no policy isolates its ${direction}; ${plural(conversations, 'conversation')} on ${plural(edges, 'edge')}`;

/** What becomes of an edge under the policies as they would be. */
function afterwards(key: string, { proposal }: ExistingReview): string {
  const judged = proposal.certificate.conversations.find((each) => each.key === key);
  if (judged?.admitted === true) return ADMITTED;
  return `not admitted afterwards either${judged?.reason === undefined ? '' : ` (${judged.reason})`}`;
}

const ADMITTED = 'admitted afterwards';

/** What is mended comes before what stays blocked. */
function missingLines(review: ExistingReview): readonly string[] {
  const { blocked, ungoverned } = review;
  const told = blocked.map((each) => ({ ...each, later: afterwards(each.edge.key, review) }));
  const sorted = told.toSorted((a, b) => Number(b.later === ADMITTED) - Number(a.later === ADMITTED));
  const lines = sorted.map(({ line, conversations, lastSeenAt, later }) =>
    [
      `${'MISSING'.padEnd(WIDTH)}${line}: existing policies would block ${plural(conversations, 'conversation')}, last ${formatInstant(lastSeenAt)}`,
      `${INDENT}${later}`,
    ].join('\n'),
  );
  return [
    ...firstLines(
      lines,
      MOST_MISSING,
      (hidden) => `${INDENT}and ${plural(hidden, 'more edge')}; existing.json has all of them`,
    ).flatMap((each) => each.split('\n')),
    ...ungoverned.map(ungovernedLine),
  ];
}

const totalsText = (totals: CertificateTotals): string =>
  `coverage ${coverageText(totals)}, ${plural(totals.extras, 'extra')}, tightness ${tightnessText(totals)}, pairs that can talk ${formatCount(totals.pairsAfter)}`;

const MOST_EXTRAS = 10;

/** Extras that the proposal alone would not have. */
function freshExtras({ proposal }: ExistingReview): readonly string[] {
  const fresh = proposal.certificate.extras.filter(({ kind }) => kind === 'surprise');
  const shown = fresh
    .slice(0, MOST_EXTRAS)
    .map((extra) => `  ${describeExtra(extra)}, by ${extra.admittedBy.join(' and ')}`);
  const hidden = fresh.length - MOST_EXTRAS;
  return [
    ...shown,
    ...(hidden > 0 ? [`  and ${formatCount(hidden)} more; certificate.json has all of them`] : []),
  ];
}

function proofLines(review: ExistingReview): readonly string[] {
  const { proof } = review;
  const kept = proof.lost.length === 0 ? 'all of them admitted' : `${plural(proof.lost.length, 'edge')} LOST`;
  return [
    `proof, by the literal evaluator: of what was seen, existing policies and the proposal together admit ${plural(proof.conversations, 'conversation')} on ${plural(proof.edges, 'edge')}; afterwards ${kept}`,
    ...proof.lost.map((line) => `  lost: ${line}`),
    `  wider than the proposal on their own side, whoever the other end is: ${plural(review.tooWide.length, 'workload')} before, ${formatCount(review.stillWide.length)} afterwards`,
    '  and counting what both ends let through together:',
    `  existing:   ${totalsText(proof.existing)}`,
    `  proposal:   ${totalsText(proof.proposal)}`,
    `  afterwards: ${totalsText(proof.mix)}`,
    ...freshExtras(review),
  ];
}

function whatToDo(review: ExistingReview, { folder }: ExportOutcome): readonly string[] {
  const { proposal, policies, asTight, stillWide } = review;
  const added = proposal.policies.length + proposal.isolation.length;
  const gone = policies
    .filter(({ fate }) => fate === 'removed')
    .map(({ placed }) => policyName(placed.policy));
  const replaced = policies.filter(({ fate }) => fate === 'replaced');
  const fine =
    asTight.length === 0
      ? []
      : [
          `already as tight as the proposal, nothing written: ${plural(asTight.length, 'workload')} (${some(asTight)})`,
        ];
  const wide =
    stillWide.length === 0 ? [] : [`stay wider than the proposal, for the reasons above: ${some(stillWide)}`];
  if (added === 0 && gone.length === 0)
    return [
      'nothing to do: what the proposal admits of what was seen passes already, and nothing too wide can go',
      ...fine,
      ...wide,
    ];
  return [
    ...(added === 0
      ? []
      : [
          `apply first: ${policiesText(added)} in ${folder}${replaced.length === 0 ? '' : `, ${formatCount(replaced.length)} of them in the place of one of that name`}`,
        ]),
    ...(gone.length === 0
      ? []
      : [
          `then remove: ${gone.join(', ')} (policies add up: while these stand, tighter ones change nothing)`,
        ]),
    ...fine,
    ...wide,
  ];
}

/** The answer for a person. */
export function existingLines(
  review: ExistingReview,
  existing: ExistingPolicies,
  files: ExportOutcome,
): readonly string[] {
  const { policies, outOfScope, unjudged } = review;
  const since = formatInstant(review.window.from);
  const telling = tellingOf(review);
  const quiet = policies.length - telling.length;
  const others =
    outOfScope.length === 0
      ? ''
      : `; ${formatCount(outOfScope.length)} more are about other namespaces and stay as they are`;
  const { lostEvents } = review.proposal.certificate.blindSpots;
  return [
    `${policiesText(policies.length)} of ${existing.named} beside what was seen from ${since} to ${formatInstant(review.trainedUntil)}${others}`,
    ...telling.flatMap((each) => policyLines(each, since)),
    ...(quiet === 0
      ? []
      : [`${'FINE'.padEnd(WIDTH)}${policiesText(quiet)}: every rule used, none wider than the proposal's`]),
    ...missingLines(review),
    ...unjudged.map(
      ({ reason, conversations, examples }) =>
        `${'UNKNOWN'.padEnd(WIDTH)}${plural(conversations, 'conversation')} not judged under existing policies (${reason}), e.g. ${examples[0] ?? ''}`,
    ),
    '',
    ...whatToDo(review, files),
    '',
    ...proofLines(review),
    ...(lostEvents === '0'
      ? []
      : [`  ${lostEvents} events were lost: "unused" means that nothing of what was kept used it`]),
  ];
}

function ruleJson({ use, ...rule }: RuleReview) {
  const lastSeenAt = use.lastSeenAt === undefined ? undefined : formatInstant(use.lastSeenAt);
  return { ...rule, use: { ...use, lastSeenAt } };
}

/** The answer for a program, and what is written as `existing.json`. */
export function existingJson(review: ExistingReview, existing: ExistingPolicies) {
  const { window, policies, blocked, proposal, proof } = review;
  return {
    format: 'bulkhead.existing/v1',
    window: { from: formatInstant(window.from), until: formatInstant(review.trainedUntil) },
    coverage: proposal.certificate.blindSpots,
    policies: policies.map(({ placed, fate, keptBecause, governs, rules }) => ({
      policy: policyName(placed.policy),
      source: `${placed.source.file}:${placed.source.line}`,
      fate,
      keptBecause,
      governs,
      unusedSince:
        rules.every(({ status }) => status === 'unused') && rules.length > 0
          ? formatInstant(window.from)
          : undefined,
      rules: rules.map(ruleJson),
    })),
    outOfScope: review.outOfScope.map(({ policy }) => policyName(policy)),
    missing: {
      blocked: blocked.map(({ edge, line, conversations, lastSeenAt, extent }) => ({
        afterwards: afterwards(edge.key, review),
        line,
        conversations,
        lastSeenAt: formatInstant(lastSeenAt),
        extent,
      })),
      ungoverned: review.ungoverned,
      unjudged: review.unjudged,
    },
    toApply: [...proposal.policies, ...proposal.isolation].map(({ policy }) => policyName(policy)),
    toRemove: policies
      .filter(({ fate }) => fate === 'removed')
      .map(({ placed }) => policyName(placed.policy)),
    replaced: policies
      .filter(({ fate }) => fate === 'replaced')
      .map(({ placed }) => policyName(placed.policy)),
    asTight: review.asTight,
    tooWide: review.tooWide,
    stillWide: review.stillWide,
    proof,
    unreadable: existing.problems.length,
  };
}
