import type { Baseline, BaselineEdge, BaselineRecord } from '#core/baseline/baseline.ts';
import { decodeBaseline } from '#core/baseline/baseline-codec.ts';
import { RULE_ACTOR } from '#core/baseline/learn.ts';
import type { EdgeKey } from '#core/graph/edge.ts';
import { unwrap } from './ledger-error.ts';
import type { BaselineStore, Ledger, ProposalStore } from './ports/ledger.ts';
import { decodeProposal } from './stored-proposal.ts';
import type { ProposalRecord } from './workspace.ts';

/** Versions of a baseline, and proposals, that are kept at hand at most. */
const KEPT = 50;
/** Of a large cluster fewer: a version holds every edge, so this bounds what all of them take together. */
const EDGES_KEPT = 30_000;

/** How many versions of a baseline with so many edges are kept at hand. */
export const versionsKept = (edges: number): number =>
  Math.max(2, Math.min(KEPT, Math.floor(EDGES_KEPT / Math.max(1, edges))));

/** What earlier runs left in the ledger about one scope, newest first. */
export interface History {
  readonly baselines: readonly BaselineRecord[];
  readonly proposals: readonly ProposalRecord[];
  /** The newest version stored, whether it can be read or not; 0 for none. */
  readonly latestVersion: number;
  /** Versions and proposals written in a layout that can not be read; they stay in the ledger as they are. */
  readonly unreadable: number;
}

type Breathe = () => Promise<void>;

async function readBaselines(store: BaselineStore, scope: string, breathe: Breathe) {
  const latest = unwrap(await store.latest(scope));
  if (latest === undefined) return { records: [], latestVersion: 0, unreadable: 0, limit: KEPT };
  const newest = decodeBaseline(latest.content);
  const limit = versionsKept(newest.ok ? newest.value.edges.size : 0);
  const rows = unwrap(await store.list(scope, limit));
  const records: BaselineRecord[] = [];
  for (const { content, actor, recordedAt } of rows) {
    await breathe();
    const decoded = decodeBaseline(content);
    if (decoded.ok) records.push({ baseline: decoded.value, actor, recordedAt });
  }
  return { records, latestVersion: latest.version, unreadable: rows.length - records.length, limit };
}

async function readProposals(store: ProposalStore, page: { scope: string; limit: number }, breathe: Breathe) {
  const rows = unwrap(await store.list(page.scope, page.limit));
  const records: ProposalRecord[] = [];
  for (const { content, state, actor, recordedAt } of rows) {
    await breathe();
    const decoded = decodeProposal(content);
    if (decoded.ok) records.push({ proposal: decoded.value, state, actor, recordedAt });
  }
  return { records, unreadable: rows.length - records.length };
}

/** Reads back what is stored about a scope; whatever else goes on in the process goes on between two versions. */
export async function readHistory(
  { baselines, proposals }: Ledger,
  scope: string,
  breathe: Breathe,
): Promise<History> {
  const learnt = await readBaselines(baselines, scope, breathe);
  const proposed = await readProposals(proposals, { scope, limit: learnt.limit }, breathe);
  return {
    baselines: learnt.records,
    proposals: proposed.records,
    latestVersion: learnt.latestVersion,
    unreadable: learnt.unreadable + proposed.unreadable,
  };
}

/**
 * The newest baseline with what people decided in any version: one that was learnt from a recording without some edge
 * must not make its decision forgotten. Undefined when there is no version.
 */
export function withEveryDecision(newestFirst: readonly BaselineRecord[]): Baseline | undefined {
  const newest = newestFirst[0]?.baseline;
  if (newest === undefined) return undefined;
  const edges = new Map<EdgeKey, BaselineEdge>(newest.edges);
  const isDecided = (key: EdgeKey): boolean => (edges.get(key)?.actor ?? RULE_ACTOR) !== RULE_ACTOR;
  for (const { baseline } of newestFirst.slice(1)) {
    for (const [key, row] of baseline.edges) {
      if (row.actor !== RULE_ACTOR && !isDecided(key)) edges.set(key, row);
    }
  }
  return { ...newest, edges };
}
