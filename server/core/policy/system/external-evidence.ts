import type { TrainingWindow } from '#core/baseline/training-window.ts';
import type { EpochMs } from '#core/flow/time.ts';
import { describePort, type Edge, type ExternalAddress } from '#core/graph/edge.ts';
import type { Peer, WorkloadId } from '#core/identity/peer.ts';
import { compareText, sortedText } from '#core/order.ts';

/** What is known of the outside that one workload talks with, and what the policy makes of it. */
export interface ExternalEvidence {
  readonly workload: WorkloadId;
  readonly direction: 'ingress' | 'egress';
  /** The name clients asked a resolver for; undefined for addresses that nobody asked by name. */
  readonly name: string | undefined;
  /** `TCP 443`, sorted. */
  readonly ports: readonly string[];
  /** Distinct addresses seen: the policy admits these, and no others. */
  readonly addresses: number;
  /** Of those, how many first appeared in the last fifth of the window: more of them means more to come. */
  readonly late: number;
  readonly firstSeenAt: EpochMs;
  readonly lastSeenAt: EpochMs;
  readonly conversations: number;
}

/** New addresses in this last part of the window mean that more must be expected. */
const LAST_PART = 0.2;

/** The address first appeared late in the training window. */
const isLate = ({ firstSeenAt }: ExternalAddress, { from, until }: TrainingWindow): boolean =>
  firstSeenAt >= until - (until - from) * LAST_PART;

/** How many addresses of the edge's outside end first appeared late in the training window. */
export const lateAddresses = (edge: Edge, window: TrainingWindow): number =>
  [...edge.addresses.values()].filter((address) => isLate(address, window)).length;

/** One side of an edge as a policy of `workload` sees it. */
interface Meeting {
  readonly workload: WorkloadId;
  readonly direction: 'ingress' | 'egress';
  readonly outside: Peer;
  readonly edge: Edge;
}

const isOutside = ({ kind }: Peer): boolean => kind !== 'workload' && kind !== 'entity';

function meetingOf(edge: Edge): Meeting | undefined {
  const { from, to } = edge;
  if (from.kind === 'workload' && isOutside(to))
    return { workload: from.id, direction: 'egress', outside: to, edge };
  if (to.kind === 'workload' && isOutside(from))
    return { workload: to.id, direction: 'ingress', outside: from, edge };
  return undefined;
}

const nameOf = ({ outside }: Meeting): string | undefined =>
  outside.kind === 'fqdn' ? outside.name : undefined;

/** A name is told of as a whole; addresses without one by the port they meet on. */
function groupOf(meeting: Meeting): string {
  const name = nameOf(meeting);
  const what = name === undefined ? `port ${describePort(meeting.edge)}` : `name ${name}`;
  return `${meeting.workload} ${meeting.direction} ${what}`;
}

function evidenceOf(meetings: readonly Meeting[], window: TrainingWindow): readonly ExternalEvidence[] {
  const [first] = meetings;
  if (first === undefined) return [];
  const edges = meetings.map(({ edge }) => edge);
  const addresses = new Map<string, ExternalAddress>();
  for (const edge of edges) {
    for (const [ip, address] of edge.addresses) {
      const known = addresses.get(ip);
      if (known === undefined || address.firstSeenAt < known.firstSeenAt) addresses.set(ip, address);
    }
  }
  return [
    {
      workload: first.workload,
      direction: first.direction,
      name: nameOf(first),
      ports: sortedText(new Set(edges.map(describePort))),
      addresses: addresses.size,
      late: [...addresses.values()].filter((address) => isLate(address, window)).length,
      firstSeenAt: Math.min(...edges.map(({ firstSeenAt }) => firstSeenAt)),
      lastSeenAt: Math.max(...edges.map(({ lastSeenAt }) => lastSeenAt)),
      conversations: edges.reduce((sum, { conversations }) => sum + conversations.total, 0),
    },
  ];
}

/** What the edges say of the outside, one row a workload, direction and name (or port); sorted by these. */
export function externalEvidenceOf(
  edges: readonly Edge[],
  window: TrainingWindow,
): readonly ExternalEvidence[] {
  const groups = new Map<string, Meeting[]>();
  for (const edge of edges) {
    const meeting = meetingOf(edge);
    if (meeting === undefined) continue;
    const known = groups.get(groupOf(meeting));
    if (known === undefined) groups.set(groupOf(meeting), [meeting]);
    else known.push(meeting);
  }
  return [...groups]
    .sort(([a], [b]) => compareText(a, b))
    .flatMap(([, meetings]) => evidenceOf(meetings, window));
}
