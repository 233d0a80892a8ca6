import type { Protocol } from '#core/flow/flow.ts';
import { type EpochMs, MINUTE_MS } from '#core/flow/time.ts';
import type { Peer } from '#core/identity/peer.ts';
import type { GroundTruth, TrueEdge } from '#core/simulation/truth.ts';
import { grouped } from './table.ts';

/** A peer as both sides can name it: the simulator knows users as `world`, flows only their addresses. */
function nameOf(peer: Peer): string {
  if (peer.kind === 'workload') return peer.id;
  if (peer.kind === 'fqdn') return peer.name;
  if (peer.kind !== 'entity') return 'world';
  return peer.entity === 'remote-node' || peer.entity === 'host' ? 'node' : peer.entity;
}

/** One name for an edge of the truth and the edge that was made of its flows. */
export const edgeName = (
  from: Peer,
  to: Peer,
  how: { readonly protocol: Protocol; readonly port: unknown },
) => `${nameOf(from)} => ${nameOf(to)} ${how.protocol} ${how.port ?? 'none'}`;

/** What really happened, by name. */
export interface TrueEdges {
  /** Edges that had time to be reported. */
  readonly edges: readonly string[];
  /** Edges that began just before the end. */
  readonly youngEdges: readonly string[];
}

/** Edges that began after `youngFrom` may not have been reported yet. */
export function trueEdges(truth: GroundTruth | undefined, youngFrom: EpochMs): TrueEdges {
  const all = [...(truth?.edges.values() ?? [])];
  const nameOfEdge = ({ client, server, protocol, port }: TrueEdge): string =>
    edgeName(client, server, { protocol, port });
  return {
    edges: all.filter(({ firstAt }) => firstAt <= youngFrom).map(nameOfEdge),
    youngEdges: all.filter(({ firstAt }) => firstAt > youngFrom).map(nameOfEdge),
  };
}

const DAY_MS = 24 * 60 * MINUTE_MS;

/** A simulated beginning so long before now that its time, which passes much faster, does not overtake the clock. */
export const longAgo = (now: EpochMs): EpochMs => Math.floor(now / DAY_MS) * DAY_MS - 60 * DAY_MS;

/** One thing that was looked at. */
export interface Verdict {
  readonly title: string;
  readonly isFine: boolean;
  readonly examples: readonly string[];
}

/** Whether the edges are those that really happened. */
export function edgesVerdict(got: ReadonlySet<string>, { edges, youngEdges }: TrueEdges): Verdict {
  const known = new Set([...edges, ...youngEdges]);
  const missing = [...new Set(edges)].filter((name) => !got.has(name));
  const invented = [...got].filter((name) => !known.has(name));
  return {
    title: `edges: ${grouped(got.size)}, ${missing.length} missing, ${invented.length} that never happened`,
    isFine: missing.length + invented.length === 0,
    examples: [...missing, ...invented].slice(0, 10),
  };
}

/** Prints each; true when all are fine. */
export function printVerdicts(verdicts: readonly Verdict[]): boolean {
  for (const { title, isFine, examples } of verdicts) {
    process.stdout.write(`  ${isFine ? 'fine' : 'NOT FINE'}  ${title}\n`);
    for (const example of examples) process.stdout.write(`    ${example}\n`);
  }
  return verdicts.every(({ isFine }) => isFine);
}

/** From a fast sender once it listens; `flows` are those of a whole stream. */
export interface FastNews extends TrueEdges {
  readonly port: number;
  readonly flows: number;
}

/** From an Observer, once it listens and once all was played. */
export type SenderNews =
  | { readonly kind: 'ready'; readonly port: number }
  | (TrueEdges & {
      readonly kind: 'played';
      /** Flows that the cluster reported, before anything went wrong with them. */
      readonly drawn: number;
      readonly lost: number;
      readonly duplicated: number;
      readonly reordered: number;
      readonly cuts: number;
      readonly conversations: number;
      readonly simulatedMs: number;
    });
