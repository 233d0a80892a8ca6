import { formatInstant } from '#core/flow/time.ts';
import { describeWorkload, type WorkloadName } from '#core/policy/cluster/cluster-model.ts';
import type { ChangeClass } from '#core/policy/diff/connection-change.ts';
import type { BlockedEdge } from '#core/policy/replay/blocked-edge.ts';
import type { ReplayTally } from '#core/policy/replay/replay.ts';
import { type DiffShown, endsText, portsText } from '../app/policy-questions/answers/diff.ts';
import { placedName, policyName, type Sources } from '../app/policy-questions/placed-policies.ts';
import {
  alsoText,
  type ChangeGroup,
  deniedText,
  groupsOf,
  namedCounts,
  totalsText,
  trafficText,
} from './diff-format-words.ts';
import { formatCount, plural, policiesText, printable } from './terminal.ts';

/** How much of the answer is printed; what is left out is counted. */
export interface TextLimits {
  /** Groups of changes with the same reasons. */
  readonly groups: number;
  /** Changes of one group. */
  readonly changes: number;
  readonly neutral: number;
  readonly yamlLines: number;
}

/** For a person, and for one who asked for everything. */
export const SHORT: TextLimits = { groups: 40, changes: 8, neutral: 3, yamlLines: 200 };
export const WHOLE: TextLimits = {
  groups: Number.POSITIVE_INFINITY,
  changes: Number.POSITIVE_INFINITY,
  neutral: Number.POSITIVE_INFINITY,
  yamlLines: Number.POSITIVE_INFINITY,
};

const LABELS: Readonly<Record<ChangeClass, string>> = {
  'breaks-observed': 'BREAKS   ',
  widened: 'WIDENED  ',
  tightened: 'TIGHTENED',
  neutral: 'NEUTRAL  ',
};

const INDENT = ' '.repeat(10);

function changeLines(group: ChangeGroup, most: number): readonly string[] {
  const shown = group.changes.slice(0, most);
  const hidden = group.changes.length - shown.length;
  return [
    ...shown.flatMap((change) => {
      const traffic = trafficText(change);
      const head = `${LABELS[group.main]} ${endsText(change)} : ${portsText(change)}${alsoText(change)}`;
      return traffic === undefined ? [head] : [head, `${INDENT}${traffic}`];
    }),
    ...(hidden > 0 ? [`${INDENT}and ${plural(hidden, 'more change')} for the same reasons (--all)`] : []),
    ...group.reasons.map((line) => `${INDENT}${line}`),
  ];
}

function groupLines(shown: DiffShown, limits: TextLimits): readonly string[] {
  const groups = groupsOf(shown);
  const told = groups.slice(0, limits.groups);
  const hidden = groups.slice(limits.groups).flatMap(({ changes }) => changes).length;
  return [
    ...told.flatMap((group) =>
      changeLines(group, group.main === 'neutral' ? limits.neutral : limits.changes),
    ),
    ...(hidden > 0 ? [`${INDENT}and ${plural(hidden, 'more change')} for other reasons (--all)`] : []),
  ];
}

/** A break that no pair of the list is about, told as `replay` tells it. */
function otherBreakLines(blocked: BlockedEdge, sources: Sources): readonly string[] {
  const { line, conversations, lastSeenAt, sides, extent } = blocked;
  const some = extent === 'some' ? 'at most ' : '';
  return [
    `${LABELS['breaks-observed']} ${line}`,
    `${INDENT}${some}${plural(conversations, 'conversation')} would break; last ${formatInstant(lastSeenAt)}`,
    ...sides.map(
      ({ direction, isolatedBy }) => `${INDENT}new: ${deniedText(direction, isolatedBy, sources)}`,
    ),
  ];
}

const NAMES_SHOWN = 8;

function workloadsLine(word: string, workloads: readonly WorkloadName[]): readonly string[] {
  if (workloads.length === 0) return [];
  const names = workloads.slice(0, NAMES_SHOWN).map(describeWorkload);
  const hidden = workloads.length - names.length;
  const more = hidden > 0 ? ` and ${hidden} more` : '';
  return [`${plural(workloads.length, 'workload')} ${word}: ${names.join(', ')}${more}`];
}

const POLICY_MARKS = { added: '+', removed: '-', changed: '~' } as const;

function policyLines({ policies, diff, sources }: DiffShown): readonly string[] {
  if (policies.length === 0) return ['no policy differs'];
  const counts = namedCounts(diff, policyName);
  const head = `${policiesText(policies.length)} differ${policies.length === 1 ? 's' : ''}:`;
  return [
    head,
    ...policies.map(({ change }) => {
      const { after, before, id, kind } = change;
      const name = after
        ? placedName(after.policy, sources.new)
        : before && placedName(before.policy, sources.old);
      const count = counts.get(id) ?? 0;
      const effect = count === 0 ? 'no change above names it' : `named by ${plural(count, 'change')} above`;
      return `  ${POLICY_MARKS[kind]} ${name ?? id}: ${kind}, ${effect}`;
    }),
  ];
}

const tallyText = ({ edges, conversations }: ReplayTally): string =>
  `${plural(conversations, 'conversation')} on ${plural(edges, 'edge')}`;

function observedLines({ diff: { observed }, lostEvents }: DiffShown): readonly string[] {
  if (observed === undefined) return ['without --flows nobody can say whether anything that is used breaks'];
  const { breaks, alreadyBlocked, unjudged, seen } = observed;
  const conversations = breaks.reduce((sum, each) => sum + each.conversations, 0);
  return [
    `of ${tallyText(seen)} that were seen, ${tallyText({ edges: breaks.length, conversations })} would break`,
    ...(alreadyBlocked.edges === 0
      ? []
      : [
          `  ${tallyText(alreadyBlocked)} passed although the old policies block them too: they were not what was enforced`,
        ]),
    ...unjudged.map((each) => `  not judged: ${tallyText(each)} (${each.reason})`),
    ...(lostEvents === 0n
      ? []
      : [`  ${formatCount(lostEvents)} events were lost: what they would have shown is not here`]),
  ];
}

function yamlDiffLines({ policies }: DiffShown, most: number): readonly string[] {
  const lines = policies.flatMap(({ yaml }) => (yaml === '' ? [] : yaml.trimEnd().split('\n')));
  if (lines.length === 0) return [];
  const hidden = lines.length - Math.min(lines.length, most);
  return [
    '',
    ...lines.slice(0, most),
    ...(hidden > 0 ? [`and ${plural(hidden, 'more line')} of YAML (--all)`] : []),
  ];
}

/** The answer for a person: what matters most first, the YAML last. */
export function diffText(shown: DiffShown, limits: TextLimits): string {
  const { diff, profile, names, sources } = shown;
  const { otherBreaks, workloads } = diff;
  const lines = [
    `${names.old} -> ${names.new} (${profile.name}): ${totalsText(diff)}`,
    ...otherBreaks.flatMap((each) => otherBreakLines(each, sources.new)),
    ...groupLines(shown, limits),
    '',
    ...workloadsLine('added', workloads.added),
    ...workloadsLine('gone', workloads.gone),
    ...policyLines(shown),
    ...observedLines(shown),
    ...yamlDiffLines(shown, limits.yamlLines),
  ];
  return lines.map((line) => `${printable(line)}\n`).join('');
}
