import { describePorts, portSetKey } from '#core/policy/connections/port-set.ts';
import type { ExposureReport, Opening, OpenKind } from '#core/policy/exposure/openings.ts';
import type { Met, MetEnd, PodExposure } from '#core/policy/exposure/pod-exposure.ts';
import { describeSpan } from '#core/policy/fast/address-atoms.ts';
import { unreachable } from '#core/result.ts';
import type { AskedPod } from '../app/policy-questions/answers/exposure.ts';
import { workloadAt } from '../app/policy-questions/asked-cluster.ts';
import { placedName, type Sources, sourcesOf } from '../app/policy-questions/placed-policies.ts';
import type { AskedCluster } from './asked-cluster.ts';
import { groupedLargestFirst, reasonKey, reasonLines } from './exposure-reasons.ts';
import { formatCount, plural, printable } from './terminal.ts';

const SHOWN_NAMES = 6;
const SHOWN_RANGES = 4;

const linesText = (lines: readonly string[]): string => lines.map((line) => `${printable(line)}\n`).join('');

/** `a, b, c and 4 more`. */
function namesText(names: readonly string[], most: number): string {
  const hidden = names.length - most;
  return `${names.slice(0, most).join(', ')}${hidden > 0 ? ` and ${formatCount(hidden)} more` : ''}`;
}

/** Everybody at once where it is everybody, else by name. */
function workloadsText(asked: AskedCluster, indexes: readonly number[]): string {
  const { workloads } = asked.model;
  if (indexes.length === workloads.length && indexes.length > 1)
    return `every workload of every namespace (${formatCount(indexes.length)})`;
  const [first = -1] = indexes;
  const namespace = workloads[first]?.namespace;
  const own = workloads.filter((each) => each.namespace === namespace).length;
  const isWhole =
    own > 1 && indexes.length === own && indexes.every((each) => workloads[each]?.namespace === namespace);
  if (isWhole) return `every workload of namespace ${namespace} (${formatCount(own)})`;
  const names = indexes.map((each) => workloadAt(asked, each));
  return names.length === 1
    ? `${names[0]}`
    : `${plural(names.length, 'workload')}: ${namesText(names, SHOWN_NAMES)}`;
}

function whoText(who: OpenKind): string {
  switch (who.kind) {
    case 'outside':
      return who.isAnywhere
        ? 'any address outside'
        : `addresses ${namesText(who.spans.map(describeSpan), SHOWN_RANGES)}`;
    case 'anybody':
      return 'any pod of any namespace, new ones too';
    case 'namespace':
      return `any pod of namespace ${who.namespace}`;
    case 'labels':
      return `${who.text}${who.isNobodyToday ? ', which nobody is today' : ''}`;
    default:
      return unreachable(who);
  }
}

/** Whom the policies of today were written for is of no concern unless asked for. */
const isOfToday = ({ who }: Opening): boolean => who.kind === 'labels' && !who.isNobodyToday;

/** Openings of one direction that hold the same for several groups of newcomers. */
const openingKey = ({ targets }: Opening): string =>
  JSON.stringify(
    targets.map(({ workload, ports, reason }) => [workload, portSetKey(ports), reasonKey(reason)]),
  );

function openingLines(asked: AskedCluster, alike: readonly Opening[], sources: Sources): readonly string[] {
  const [opening] = alike;
  if (opening === undefined) return [];
  const { targets, direction } = opening;
  const groups = groupedLargestFirst(
    targets,
    ({ ports, reason }) => `${portSetKey(ports)} ${reasonKey(reason)}`,
  );
  return [
    `  ${namesText(
      alike.map(({ who }) => whoText(who)),
      SHOWN_NAMES,
    )}`,
    ...groups.flatMap((group) => {
      const [first] = group;
      if (first === undefined) return [];
      const text = workloadsText(
        asked,
        group.map(({ workload }) => workload),
      );
      const reasons = group.map(({ reason }) => reason);
      return [
        `    ${text} : ${describePorts(first.ports)}`,
        ...reasonLines(reasons, sources, `no policy isolates ${direction} there`).map(
          (line) => `      ${line}`,
        ),
      ];
    }),
  ];
}

/** Alike ones together, in the order of the widest of each. */
function alikeOf(openings: readonly Opening[]): readonly (readonly Opening[])[] {
  const alike = new Map<string, Opening[]>();
  for (const opening of openings) {
    const own = alike.get(openingKey(opening));
    if (own === undefined) alike.set(openingKey(opening), [opening]);
    else own.push(opening);
  }
  return [...alike.values()];
}

const HEADS = {
  ingress: 'who could reach what is here',
  egress: 'whom what is here could reach',
} as const;

/** What policies leave open to pods still to come, for a person. */
export function exposureText(
  asked: AskedCluster,
  report: ExposureReport,
  { withAll }: { readonly withAll: boolean },
): string {
  const { model, profile } = asked;
  const sources = sourcesOf(model.policies);
  const shown = report.openings.filter((opening) => withAll || !isOfToday(opening));
  const ofToday = report.openings.length - shown.length;
  const directions = (['ingress', 'egress'] as const).flatMap((direction) => {
    const own = shown.filter((opening) => opening.direction === direction);
    const lines = alikeOf(own).flatMap((alike) => openingLines(asked, alike, sources));
    return [HEADS[direction], ...(lines.length === 0 ? ['  nobody'] : lines)];
  });
  const { impossible, left } = report;
  return linesText([
    `Exposure of ${plural(model.workloads.length, 'workload')} under ${model.policies.length === 1 ? '1 policy' : `${formatCount(model.policies.length)} policies`} (${profile.name}): widest first, without what a wider group may anyway`,
    ...directions,
    ...(ofToday > 0
      ? [`and ${plural(ofToday, 'opening')} to labels that pods of today carry; --all lists them`]
      : []),
    ...(impossible.length > 0 ? [`no pod can ever match: ${namesText(impossible, SHOWN_NAMES)}`] : []),
    ...(left > 0 ? [`${plural(left, 'selector')} not looked at`] : []),
  ]);
}

function podText({ pod, namespace }: AskedPod): string {
  const labels = pod.labels.map(([key, value]) => `${key}=${value}`).join(', ');
  const home = namespace === undefined ? `namespace ${pod.namespace}` : `a new namespace ${pod.namespace}`;
  const network = pod.hostNetwork ? " on its node's network" : '';
  return `A new pod of ${home}, ${labels === '' ? 'without labels' : `with ${labels}`}${network}`;
}

const endText = (ends: readonly MetEnd[], asked: AskedCluster): string => {
  const [first] = ends;
  if (first?.kind === 'outside')
    return first.isAnywhere ? 'any address outside' : `addresses ${namesText(first.ranges, SHOWN_RANGES)}`;
  return workloadsText(
    asked,
    ends.flatMap((end) => (end.kind === 'workload' ? [end.workload] : [])),
  );
};

/** What is outside stands by itself: its ranges are no names. */
function metKey({ end, ports, onlySomePods, own, other }: Met): string {
  const place = end.kind === 'outside' ? end.ranges.join() : '';
  return [place, portSetKey(ports), portSetKey(onlySomePods), reasonKey(own), reasonKey(other)].join(' | ');
}

interface MetGroup {
  readonly group: readonly Met[];
  /** The rules of the new pod's side were said above. */
  readonly isOwnSaid: boolean;
}

function metLines(asked: AskedCluster, { group, isOwnSaid }: MetGroup, sources: Sources): readonly string[] {
  const [first] = group;
  if (first === undefined) return [];
  const some =
    first.onlySomePods.length === 0 ? '' : ` (only some of their pods: ${describePorts(first.onlySomePods)})`;
  const own =
    first.own.isIsolated && !isOwnSaid
      ? reasonLines(
          group.map((each) => each.own),
          sources,
          '',
        )
      : [];
  const other = first.other.isIsolated
    ? reasonLines(
        group.map((each) => each.other),
        sources,
        '',
      )
    : [];
  return [
    `  ${endText(
      group.map(({ end }) => end),
      asked,
    )} : ${describePorts(first.ports)}${some}`,
    ...[...own, ...other].map((line) => `    ${line}`),
  ];
}

function isolationText({ selecting }: PodExposure, sources: Sources, hostNetwork: boolean): string {
  if (selecting.length === 0)
    return `${hostNetwork ? "no policy governs a pod on its node's network" : 'no policy isolates it'}: the other end alone decides`;
  const names = selecting.map((policy) => placedName(policy, sources));
  return `isolated by ${namesText(names, SHOWN_NAMES)}`;
}

function directionLines(asked: AskedCluster, exposure: PodExposure, hostNetwork: boolean): readonly string[] {
  const { direction, met } = exposure;
  const sources = sourcesOf(asked.model.policies);
  const groups = groupedLargestFirst(met, metKey);
  const isOutside = ([first]: readonly Met[]): boolean => first?.end.kind === 'outside';
  const sorted = [...groups.filter(isOutside), ...groups.filter((group) => !isOutside(group))];
  const owns = met.map(({ own }) => own);
  const isOwnSaid = owns.every(({ isIsolated }) => isIsolated) && new Set(owns.map(reasonKey)).size === 1;
  return [
    direction === 'ingress' ? 'could be reached by' : 'could reach',
    ...(met.length === 0 ? ['  nobody'] : []),
    ...sorted.flatMap((group) => metLines(asked, { group, isOwnSaid }, sources)),
    `  ${isolationText(exposure, sources, hostNetwork)}`,
    ...(isOwnSaid ? reasonLines(owns, sources, '').map((line) => `    all of it ${line}`) : []),
  ];
}

/** What one pod that does not exist yet could reach and be reached by, for a person. */
export function podExposureText(asked: AskedCluster, pod: AskedPod, found: readonly PodExposure[]): string {
  const where =
    pod.listens === undefined ? 'on whatever port it listens' : `listening on ${describePorts(pod.listens)}`;
  return linesText([
    `${podText(pod)} (${asked.profile.name}), ${where}`,
    ...found.flatMap((each) => directionLines(asked, each, pod.pod.hostNetwork)),
    ...(pod.pod.hostNetwork
      ? ['whatever policies say, it reaches every pod of the node it will run on']
      : []),
  ]);
}
