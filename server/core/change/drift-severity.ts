import { controlDoor, dataStore, isMetadataService, leadsOutside } from '#core/baseline/sensitive-target.ts';
import type { Severity } from '#core/finding/finding.ts';
import type { Edge } from '#core/graph/edge.ts';
import { parseWorkloadId, peerKey } from '#core/identity/peer.ts';
import {
  type DriftContext,
  isKnownTarget,
  isMachine,
  isNewWorkload,
  namespacePair,
  type Since,
} from './drift-context.ts';

/** A severity with the sentences that led to it. */
export interface Judgement {
  readonly severity: Severity;
  readonly reasons: readonly string[];
}

/** An edge that is no part of the baseline, with what is known about it now. */
export interface Look {
  readonly edge: Edge;
  readonly since: Since;
  /** Its source also tried many other destinations. */
  readonly isFromScanner: boolean;
}

interface Weight {
  readonly points: number;
  readonly reason: string;
}

type Weigh = (look: Look, context: DriftContext) => Weight | undefined;

const WEB_PORTS: ReadonlySet<unknown> = new Set([53, 80, 123, 443, 853]);

const toMetadata: Weigh = ({ edge }) =>
  isMetadataService(edge)
    ? { points: 3, reason: 'It leads to the address under which clouds hand out credentials.' }
    : undefined;

const toControlDoor: Weigh = ({ edge }) => {
  const door = controlDoor(edge);
  return door === undefined
    ? undefined
    : { points: 2, reason: `It leads to ${door}, a door to machines or the control plane.` };
};

const toDataStore: Weigh = ({ edge }) => {
  const store = dataStore(edge);
  return store === undefined ? undefined : { points: 1, reason: `It leads to ${store}, where data lives.` };
};

const toRareOutside: Weigh = ({ edge }, context) =>
  leadsOutside(edge) && !isKnownTarget(peerKey(edge.to), context)
    ? { points: 1, reason: 'No workload talked to this outside host during training.' }
    : undefined;

const onOddOutsidePort: Weigh = ({ edge }) =>
  leadsOutside(edge) && !WEB_PORTS.has(edge.port)
    ? { points: 1, reason: 'The port is not one of the web, DNS or time.' }
    : undefined;

const fromOutside: Weigh = ({ edge }, context) => {
  const { from } = edge;
  const isOutside = ['cidr', 'fqdn', 'other-external'].includes(from.kind);
  const isWorld = from.kind === 'entity' && from.entity === 'world';
  return (isOutside || isWorld) && !context.known.byFrom.has(peerKey(from))
    ? { points: 1, reason: 'It comes from outside the cluster, from where nobody came during training.' }
    : undefined;
};

const acrossNamespaces: Weigh = ({ edge }, context) => {
  const pair = namespacePair(edge);
  if (pair === undefined) return undefined;
  return pair.from !== pair.to && !context.knownNamespacePairs.has(`${pair.from}>${pair.to}`)
    ? { points: 1, reason: 'No edge between these namespaces was known.' }
    : undefined;
};

/** Replicas do the same work: what one of them does alone is not the work of the workload. */
const fromOneReplica: Weigh = ({ edge, since }, context) => {
  if (edge.from.kind !== 'workload' || edge.fromPods.size !== 1 || since.conversations < 2) return undefined;
  const { kind } = parseWorkloadId(edge.from.id);
  const replicas = context.podsByWorkload.get(edge.from.id)?.size ?? 0;
  return replicas > 1 && kind !== 'StatefulSet'
    ? { points: 1, reason: `Only one of ${replicas} replicas does it.` }
    : undefined;
};

const fromScanner: Weigh = ({ isFromScanner }) =>
  isFromScanner
    ? { points: 1, reason: 'Its source tried many new destinations or ports at about the same time.' }
    : undefined;

const neverThrough: Weigh = ({ edge, since }) => {
  if (since.denied === since.conversations) return { points: -1, reason: 'Policy denied each attempt.' };
  const { answered, refused } = edge.conversations;
  return refused > 0 && answered === 0
    ? { points: -1, reason: 'The server refused it and answered none.' }
    : undefined;
};

const deniedBefore: Weigh = ({ since }) =>
  since.denied === since.conversations && since.deniedBefore > 0
    ? { points: -1, reason: 'It was tried and denied during training too.' }
    : undefined;

const fromMachine: Weigh = ({ edge }) =>
  isMachine(edge.from)
    ? { points: -1, reason: 'It comes from a node, which may always reach its own pods.' }
    : undefined;

const withNewcomer: Weigh = ({ edge }, context) =>
  isNewWorkload(edge.from, context) || isNewWorkload(edge.to, context)
    ? {
        points: 0,
        reason: 'One end is a workload that was not there during training: a rollout is the likely cause.',
      }
    : undefined;

const WEIGHS: readonly Weigh[] = [
  toMetadata,
  toControlDoor,
  toDataStore,
  toRareOutside,
  onOddOutsidePort,
  fromOutside,
  acrossNamespaces,
  fromOneReplica,
  fromScanner,
  withNewcomer,
  fromMachine,
  neverThrough,
  deniedBefore,
];

/** The severity of so many points: 0 or less info, 1 low, 2 medium, 3 and more high. */
export function severityOfPoints(points: number): Severity {
  if (points >= 3) return 'high';
  if (points === 2) return 'medium';
  return points === 1 ? 'low' : 'info';
}

/** How much an edge outside the baseline matters: one point for being new, and the sum of what speaks for and against. */
export function judgeLook(look: Look, context: DriftContext): Judgement {
  const weights = WEIGHS.map((weigh) => weigh(look, context)).filter((weight) => weight !== undefined);
  const points = weights.reduce((sum, weight) => sum + weight.points, 1);
  return { severity: severityOfPoints(points), reasons: weights.map((weight) => weight.reason) };
}
