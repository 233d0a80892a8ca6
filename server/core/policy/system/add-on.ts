import type { EdgeKey } from '#core/graph/edge.ts';
import type { WorkloadId } from '#core/identity/peer.ts';

/** Traffic that a cluster needs to run, whatever runs in it; the names people know it by. */
export const ADD_ON_NAMES = [
  'dns',
  'node-local-dns',
  'cloud-dns',
  'api-server',
  'webhooks',
  'load-balancer',
  'ingress',
  'metrics',
] as const;
export type AddOnName = (typeof ADD_ON_NAMES)[number];

/** What one edge is for, and what in it says so: one clause, e.g. `asked 14 names`. */
export interface SystemRole {
  readonly addOn: AddOnName;
  readonly evidence: string;
}

/** System traffic of one kind in a baseline. */
export interface SystemAddOn {
  readonly name: AddOnName;
  /** Why it is taken for that: clauses, sorted, at most {@link MOST_EVIDENCE}. */
  readonly evidence: readonly string[];
  /** Sorted. */
  readonly edges: readonly EdgeKey[];
  /** Those of the edges that get no rule. */
  readonly withoutRule: number;
  readonly conversations: number;
  /** Workloads on the cluster's side of it, sorted. */
  readonly workloads: readonly WorkloadId[];
}

/** Clauses of evidence that are kept of one add-on. */
export const MOST_EVIDENCE = 5;
