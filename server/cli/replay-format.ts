import { formatInstant } from '#core/flow/time.ts';
import { describePeer } from '#core/identity/peer.ts';
import type { BlockedEdge, BlockedSide } from '#core/policy/replay/blocked-edge.ts';
import type { ReplayTally } from '#core/policy/replay/replay.ts';
import type { UnjudgedReason } from '#core/policy/replay/rule-on-pair.ts';
import {
  blockedTally,
  missingSentence,
  type ReplayShown,
  replayAnswer,
  setAsideOf,
  subjectOf,
} from '../app/policy-questions/answers/replay.ts';
import { placedName, ruleText, type Sources, sourcesOf } from '../app/policy-questions/placed-policies.ts';
import { missText, type PolicyTools, yamlLines } from './policy-folder.ts';
import { formatCount, jsonText, plural, printable } from './terminal.ts';

const UNJUDGED_WORDS: Readonly<Record<UnjudgedReason, string>> = {
  'protocol-not-expressible':
    'NetworkPolicy says nothing of the protocol; what becomes of it is up to the network',
  folded: 'more ports or addresses than are kept apart',
  'peer-unknown': 'neither pods nor addresses of an end are known',
  'address-unknown': "an end's address decides, and is not in the recording",
  'labels-unknown': "a pod's labels decide, and are not in the recording",
  'namespace-labels-unknown': "a namespace's labels decide, and are not in the recording",
  'named-port': 'a rule names its port, and what the name stands for is not in the recording',
};

function sideLines(
  tools: PolicyTools,
  side: BlockedSide,
  at: { blocked: BlockedEdge; sources: Sources },
): string[] {
  const { blocked, sources } = at;
  const by = side.isolatedBy.map((policy) => placedName(policy, sources)).join(', ');
  const subject = describePeer(subjectOf(blocked, side));
  const word = side.direction === 'egress' ? 'to' : 'from';
  const { nearest, missing } = side;
  return [
    `        ${side.direction} of ${subject} is isolated by ${by}`,
    ...(nearest === undefined
      ? []
      : [
          `        nearest rule: ${ruleText(nearest, sources)}`,
          ...nearest.misses.map((miss) => `          ${missText(miss)}`),
        ]),
    `        missing: ${missingSentence(blocked, side)}`,
    ...(missing.kind === 'none'
      ? [`          ${missing.note}`]
      : [
          `          in spec.${side.direction}, ${word} what was seen and nothing more:`,
          ...yamlLines(tools, [missing.rule], '            '),
        ]),
  ];
}

function blockedLines(tools: PolicyTools, blocked: BlockedEdge, sources: Sources): string[] {
  const { line, conversations, lastSeenAt, fromExamples, toExamples, extent } = blocked;
  const some = extent === 'some' ? ', some of them: it depends on the pod or the address' : '';
  const [from] = fromExamples;
  const [to] = toExamples;
  const example = from === undefined || to === undefined ? '' : `; e.g. ${from} => ${to}`;
  return [
    `BLOCKED ${line}`,
    `        ${plural(conversations, 'conversation')}${some}, last ${formatInstant(lastSeenAt)}${example}`,
    ...blocked.sides.flatMap((side) => sideLines(tools, side, { blocked, sources })),
  ];
}

const tallyText = ({ edges, conversations }: ReplayTally): string =>
  `${plural(conversations, 'conversation')} on ${plural(edges, 'edge')}`;

function summaryLines({ result, reading, folder, profile, cluster }: ReplayShown): string[] {
  const { admitted, open, ungoverned, unjudged, denied, failed } = result;
  const aside = setAsideOf(reading);
  const policies = plural(folder.policies.length, 'policy').replace('policys', 'policies');
  const counted = (count: number, what: string): string[] =>
    count === 0 ? [] : [`  ${plural(count, 'conversation')} ${what}`];
  return [
    `${policies} of cluster ${cluster} (${profile.name}): ${tallyText(blockedTally(result))} would have been blocked`,
    `  ${tallyText(admitted)} admitted by a rule`,
    `  ${tallyText(open)} admitted since no policy has a say: neither end is isolated, or a node reaches its own pods`,
    ...(result.blocked.length + admitted.edges === 0 && open.edges > 0
      ? ['  no policy has selected a pod that was seen: are they meant for other namespaces or labels?']
      : []),
    ...(ungoverned.edges === 0
      ? []
      : [`  ${tallyText(ungoverned)} between ends that no policy of the cluster governs`]),
    ...unjudged.flatMap((each) => [
      `  not judged: ${tallyText(each)} (${UNJUDGED_WORDS[each.reason]})`,
      ...each.examples.map((line) => `    ${line}`),
    ]),
    ...aside.map(
      ({ reason, conversations }) =>
        `  not judged: ${plural(conversations, 'conversation')} that became no edge (${reason})`,
    ),
    ...counted(denied, 'denied when they were recorded'),
    ...counted(failed, 'that failed for reasons other than policy'),
    ...(reading.coverage.lostEvents > 0n
      ? [
          `  ${formatCount(reading.coverage.lostEvents)} events were lost: what they would have shown is not here`,
        ]
      : []),
  ];
}

/** The answer for a person. */
export function replayText(tools: PolicyTools, shown: ReplayShown): string {
  const sources = sourcesOf(shown.folder.policies);
  const lines = [
    ...shown.result.blocked.flatMap((blocked) => blockedLines(tools, blocked, sources)),
    ...summaryLines(shown),
  ];
  return lines.map((line) => `${printable(line)}\n`).join('');
}

/** The answer for a program. */
export const replayJson = (shown: ReplayShown): string => jsonText(replayAnswer(shown));
