import type { Coverage } from '#core/flow/coverage.ts';
import type { AddressNaming } from '#core/identity/address-names.ts';
import type { WorkloadRename } from '#core/identity/answered-workloads.ts';
import type { Edge } from './edge.ts';

/** What one closed window of a collector sends on: edges as deltas, never single flows. */
export interface EdgeWindow {
  readonly edges: readonly Edge[];
  /** Workloads that are known better now: their old edges belong to the new id. Apply before the edges. */
  readonly renames: readonly WorkloadRename[];
  /** Addresses whose name is known now: their client's old edges belong to the name. Apply after the renames. */
  readonly namings: readonly AddressNaming[];
  readonly coverage: Coverage;
}
