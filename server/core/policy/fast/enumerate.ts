import type { PortInterval } from '../certificate.ts';
import { eachBit } from './bits.ts';
import { clausesOf } from './compile-policy.ts';
import type { ClassId, EndClass } from './end-class.ts';
import { type EngineState, policiesOf } from './engine-state.ts';
import { elementaryIntervals, type PortName, type PortSpan, pointSpan, portCode } from './port-axis.ts';
import { reachMatrix } from './reach-matrix.ts';

/** Policies let every end of one class reach every end of another on all ports of an interval. */
export interface Admitted {
  readonly from: ClassId;
  readonly to: ClassId;
  readonly ports: PortInterval;
}

/** All ports, cut wherever a policy or what a port name stands for makes a difference. */
export function intervalsOf(state: EngineState): readonly PortInterval[] {
  const grants = policiesOf(state).flatMap(({ policy }) =>
    clausesOf(policy).flatMap((clause) => clause.grants),
  );
  const names = new Map<string, PortName>();
  const spans: PortSpan[] = [];
  for (const { ports } of grants) {
    spans.push(...ports.spans);
    for (const name of ports.names) names.set(`${name.protocol}/${name.name}`, name);
  }
  for (const name of names.values()) {
    for (const port of state.population.index.named(name).keys()) spans.push(pointSpan(name.protocol, port));
  }
  return elementaryIntervals(spans);
}

/** Visits what is admitted, interval by interval, each in order of source and destination. */
export function eachAdmitted(
  state: EngineState,
  intervals: readonly PortInterval[],
  visit: (admitted: Admitted) => void,
): void {
  const { classes } = state.partition;
  for (const ports of intervals) {
    const matrix = reachMatrix(state, [portCode(ports.protocol, ports.from)]);
    for (let from = 0; from < classes.length; from += 1) {
      eachBit(matrix.row(0, from), (to) => visit({ from, to, ports }));
    }
  }
}

/** Ordered pairs of different living pods, counted by the size of their classes. */
export function admittedPairs(state: EngineState, code: number): number {
  const matrix = reachMatrix(state, [code]);
  const classes = [...state.partition.classes.entries()].filter(isOfPods);
  let pairs = 0;
  for (const [from, source] of classes) {
    for (const [to, target] of classes) {
      const isOpen = matrix.isAdmitted(0, from, to);
      if (isOpen) pairs += source.members.length * (target.members.length - (from === to ? 1 : 0));
      else pairs += freePairs(state, source, target);
    }
  }
  return pairs;
}

const isOfPods = (entry: readonly [ClassId, EndClass | undefined]): entry is [ClassId, EndClass] =>
  entry[1]?.kind === 'pods';

/** A host-network pod is its node: a node reaches the pods it runs, and on some networks they reach it. */
function freePairs({ profile }: EngineState, source: EndClass, target: EndClass): number {
  const down = pairsOnNode(source, target);
  return profile.podsReachOwnNode ? down + pairsOnNode(target, source) : down;
}

/** Pairs of a node and a pod of another class that it runs; no class holds both kinds when some policy stands between. */
function pairsOnNode(nodes: EndClass, pods: EndClass): number {
  const onNode = new Map<string | undefined, number>();
  for (const { pod } of pods.members) onNode.set(pod?.node, (onNode.get(pod?.node) ?? 0) + 1);
  return nodes.members.reduce((sum, { pod }) => {
    const isNode = pod?.hostNetwork === true && pod.node !== undefined;
    return isNode ? sum + (onNode.get(pod.node) ?? 0) : sum;
  }, 0);
}
