import type { Blast, BlastStage, ClusterBlast, HopFigures, JewelPath } from '#core/policy/blast/blast.ts';
import type { OutsideReach } from '#core/policy/blast/outside.ts';
import type { PathHop } from '#core/policy/blast/path.ts';
import type { Radius } from '#core/policy/blast/radius.ts';
import type { SeenReach } from '#core/policy/blast/seen-reach.ts';
import type { Ruling } from '#core/policy/blast/verdict-bench.ts';
import { describePorts, type PortSet, sharedPorts } from '#core/policy/connections/port-set.ts';
import type { AskedBlast, BlastAnswers } from '../app/policy-questions/answers/blast.ts';
import { workloadAt } from '../app/policy-questions/asked-cluster.ts';
import { ruleText, type Sources, sourcesOf } from '../app/policy-questions/placed-policies.ts';
import { alignedLines } from './aligned.ts';
import { shortLine } from './short-line.ts';
import { formatCount, plural, printable } from './terminal.ts';

const HEADS: Readonly<Record<BlastStage, string>> = {
  open: 'no policies',
  current: 'current policies',
  proposal: 'proposal',
};

/** As part of a sentence. */
export const STAGE_WORDS: Readonly<Record<BlastStage, string>> = {
  open: 'with no policies',
  current: 'under the current policies',
  proposal: 'under the proposal',
};

const SHOWN_REACHED = 20;
const SHOWN_RADII = 15;
const SHOWN_RANGES = 2;

/** Which ports count, in one sentence. */
export function countedText({ listeners }: BlastAnswers, wasKnown: boolean): string {
  if (listeners !== undefined) {
    const ports = listeners.points.reduce((sum, own) => sum + own.length, 0);
    const silent =
      listeners.silent === 0
        ? ''
        : `; ${plural(listeners.silent, 'workload')} with no known port ${listeners.silent === 1 ? 'counts' : 'count'} as listening nowhere`;
    return `Only ports count that somebody is known to listen on (${formatCount(ports)} of all workloads)${silent}. --every-port counts all that policies allow.`;
  }
  return wasKnown
    ? 'Every port counts that policies allow, whether or not anybody listens.'
    : 'Nobody is known to listen anywhere, so every port counts that policies allow.';
}

const linesText = (lines: readonly string[]): string => lines.map((line) => `${printable(line)}\n`).join('');

const onPorts = (ports: PortSet): string =>
  describePorts(ports) === 'all ports' ? '' : ` (${describePorts(ports)})`;

function outsideText(reach: readonly OutsideReach[]): string {
  const [widest, ...others] = reach;
  if (widest === undefined) return 'nothing';
  const shown = widest.ranges.slice(0, SHOWN_RANGES).join(', ');
  const hidden = widest.ranges.length - SHOWN_RANGES;
  const place = widest.isAnywhere
    ? 'any address'
    : `${shown}${hidden > 0 ? ` and ${hidden} more ranges` : ''}`;
  return `${place}${onPorts(widest.ports)}${others.length > 0 ? ' and more' : ''}`;
}

const entityText = ({ direct, closure }: Blast['entities']): string =>
  direct ? 'yes' : closure ? 'through others' : 'no';

/** `12 (31)`: workloads, and workload-port pairs where ports are known one by one. */
const figureText = ({ workloads, pairs }: HopFigures, isCounted: boolean): string =>
  isCounted ? `${formatCount(workloads)} (${formatCount(pairs)})` : formatCount(workloads);

function usedAt(used: SeenReach, hop: number): HopFigures {
  const byHop = used.byHop.slice(0, hop);
  const pairs = used.pairsByHop[Math.min(hop, used.pairsByHop.length) - 1] ?? 0;
  return { workloads: byHop.reduce((sum, found) => sum + found.length, 0), pairs };
}

function tableRows(blast: AskedBlast, answers: BlastAnswers, used: SeenReach | undefined): string[][] {
  const { blasts, listeners } = answers;
  const isCounted = listeners !== undefined;
  const withUsed = (cells: readonly string[], own: string): string[] =>
    used === undefined ? [...cells] : [...cells, own];
  const row = (head: string, cell: (each: Blast) => string, own: string): string[] =>
    withUsed([head, ...blasts.map(cell)], own);
  const usedText = (hop: number): string => (used ? figureText(usedAt(used, hop), true) : '');
  // Once nobody new is reached, another hop says nothing.
  const needed = Math.max(1, used?.byHop.length ?? 0, ...blasts.map((each) => each.hops));
  const hops = Array.from({ length: Math.min(needed, blast.hops) }, (_, index) => {
    const cell = (each: Blast): string => figureText(each.byHop[index] ?? each.closure, isCounted);
    return row(index === 0 ? '1 hop' : `${index + 1} hops`, cell, usedText(index + 1));
  });
  const outside = used === undefined ? '' : plural(used.outside.size, 'peer');
  return [
    withUsed(
      [isCounted ? 'workloads (ports)' : 'workloads', ...blasts.map(({ stage }) => HEADS[stage])],
      'really used',
    ),
    ...hops,
    row('any number', ({ closure }) => figureText(closure, isCounted), usedText(Number.MAX_SAFE_INTEGER)),
    row('outside, directly', (each) => outsideText(each.outside.direct), outside),
    row('outside, through others', (each) => outsideText(each.outside.closure), ''),
    row('nodes and API server', (each) => entityText(each.entities), ''),
  ];
}

function reachedLines(blast: AskedBlast, last: Blast, used: SeenReach | undefined): readonly string[] {
  const direct = last.reached.filter(({ hops }) => hops === 1);
  if (direct.length === 0) return [`nobody is reached directly ${STAGE_WORDS[last.stage]}`];
  const rows = direct.map(({ workload, ports }) => {
    const own = sharedPorts(used?.direct.get(workload) ?? [], ports);
    const usage =
      own.length === 0
        ? 'never used'
        : describePorts(own) === describePorts(ports)
          ? 'used'
          : `used: ${describePorts(own)}`;
    return [workloadAt(blast.asked, workload), describePorts(ports), ...(used === undefined ? [] : [usage])];
  });
  const unused = used === undefined ? 0 : rows.filter(([, , usage]) => usage === 'never used').length;
  const told = used === undefined ? '' : `, ${formatCount(unused)} of them never used in the recording`;
  // What nobody uses can be closed: it comes first.
  const sorted = rows.toSorted((a, b) => Number(b[2] === 'never used') - Number(a[2] === 'never used'));
  const hidden = rows.length - SHOWN_REACHED;
  return [
    `reached directly ${STAGE_WORDS[last.stage]}: ${plural(rows.length, 'workload')}${told}`,
    ...alignedLines(sorted.slice(0, SHOWN_REACHED)),
    ...(hidden > 0 ? [`  and ${formatCount(hidden)} more; --json lists all of them`] : []),
  ];
}

const WHATEVER: Readonly<Record<Exclude<Ruling['verdict']['reason'], 'policy'>, string>> = {
  'same-pod': 'a pod may always reach itself',
  'own-node': 'a node and its pods are never kept apart',
  terminated: 'one of the pods has ended',
};

function whyLines({ verdict, rules }: Ruling, sources: Sources): readonly string[] {
  if (verdict.reason !== 'policy') return [`whatever policies say: ${WHATEVER[verdict.reason]}`];
  const sides = [verdict.egress, verdict.ingress].flatMap(({ direction, isolated }) => {
    if (!isolated) return [`${direction}: no policy isolates it`];
    const own = rules.filter((rule) => rule.direction === direction);
    return own.map((rule) => `by ${shortLine(ruleText(rule, sources))}`);
  });
  return verdict.allowed ? sides : ['the literal evaluator does not confirm it: please report this'];
}

function hopLines(blast: AskedBlast, hop: PathHop, sources: Sources): readonly string[] {
  const { protocol, port } = hop.point;
  return [
    `    ${workloadAt(blast.asked, hop.from)} => ${workloadAt(blast.asked, hop.to)} : ${protocol} ${port}`,
    ...whyLines(hop.ruling, sources).map((line) => `      ${line}`),
  ];
}

function jewelLines(blast: AskedBlast, answers: BlastAnswers, jewel: number): readonly string[] {
  const sources = sourcesOf(blast.placed);
  const lines = answers.blasts.flatMap(({ stage, jewels }) => {
    const found: JewelPath | undefined = jewels.find((each) => each.jewel === jewel);
    const path = found?.path ?? [];
    if (path.length === 0) return [`  ${STAGE_WORDS[stage]}: not reached`];
    const head = `  ${STAGE_WORDS[stage]}: REACHED in ${plural(path.length, 'hop')}`;
    // Without policies there is nothing to mend.
    return stage === 'open' ? [head] : [head, ...path.flatMap((hop) => hopLines(blast, hop, sources))];
  });
  return [`crown jewel ${workloadAt(blast.asked, jewel)}`, ...lines];
}

/** What a compromised pod of one workload reaches, for a person. */
export function blastText(blast: AskedBlast, answers: BlastAnswers, used: SeenReach | undefined): string {
  const { asked, start = -1 } = blast;
  const last = answers.blasts.at(-1);
  const others = asked.model.workloads.length - 1;
  return linesText([
    `If a pod of ${workloadAt(blast.asked, start)} is taken over (cluster ${asked.cluster}, ${asked.profile.name}), it reaches of ${plural(others, 'other workload')}:`,
    ...alignedLines(tableRows(blast, answers, used)),
    countedText(answers, blast.listeners !== undefined),
    ...(last === undefined ? [] : reachedLines(blast, last, used)),
    ...blast.jewels.filter((jewel) => jewel !== start).flatMap((jewel) => jewelLines(blast, answers, jewel)),
  ]);
}

const meanText = (mean: number, of: number): string =>
  `${mean.toFixed(1)} (${of === 0 ? 0 : Math.round((mean / of) * 100)} %)`;

/** By how much less is reached than with no policies, e.g. `82 %`. */
export function lessText(each: ClusterBlast, open: ClusterBlast | undefined): string {
  const before = open?.radius.reachedPairs ?? 0;
  if (each.stage === 'open') return '-';
  return before === 0 ? '0 %' : `${Math.round((1 - each.radius.reachedPairs / before) * 100)} %`;
}

function radiusRow(blast: AskedBlast, { workload, direct, reached, leaves }: Radius): string[] {
  const outside = leaves ? 'reaches outside' : '';
  return [
    `${formatCount(reached)} in the end`,
    `${formatCount(direct)} directly`,
    workloadAt(blast.asked, workload),
    outside,
  ];
}

function jewelCounts(blast: AskedBlast, clusters: readonly ClusterBlast[], jewel: number): string {
  const counts = clusters.map(({ stage, jewels, radius }) => {
    const own = jewels.find((each) => each.jewel === jewel);
    const of = Math.max(0, radius.workloads - 1);
    return `${STAGE_WORDS[stage]} by ${own?.reached ?? 0} of ${of} (${own?.direct ?? 0} directly)`;
  });
  return `crown jewel ${workloadAt(blast.asked, jewel)} is reached ${counts.join(', ')}`;
}

/** The figures of a whole cluster, for a person. */
export function clusterBlastText(blast: AskedBlast, answers: BlastAnswers): string {
  const { clusters } = answers;
  const { asked, jewels } = blast;
  const last = clusters.at(-1);
  const [open] = clusters;
  const others = Math.max(0, (last?.radius.workloads ?? 0) - 1);
  const row = (head: string, cell: (each: ClusterBlast) => string): string[] => [head, ...clusters.map(cell)];
  const radii = last?.radius.radii ?? [];
  const hidden = radii.length - SHOWN_RADII;
  return linesText([
    `Blast radius in cluster ${asked.cluster} (${asked.profile.name}): of ${plural(others, 'other workload')}, a compromised one reaches`,
    ...alignedLines([
      ['', ...clusters.map(({ stage }) => HEADS[stage])],
      row('directly, mean', ({ radius }) => meanText(radius.meanDirect, others)),
      row('in the end, mean', ({ radius }) => meanText(radius.meanReached, others)),
      row('in the end, worst', ({ radius }) => formatCount(radius.worstReached)),
      row('less than with no policies', (each) => lessText(each, open)),
    ]),
    countedText(answers, blast.listeners !== undefined),
    ...(last === undefined ? [] : [`largest ${STAGE_WORDS[last.stage]}`]),
    ...alignedLines(radii.slice(0, SHOWN_RADII).map((radius) => radiusRow(blast, radius))),
    ...(hidden > 0 ? [`  and ${formatCount(hidden)} more; --json lists all of them`] : []),
    ...jewels.map((jewel) => jewelCounts(blast, clusters, jewel)),
  ]);
}
