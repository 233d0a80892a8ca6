import type { ClusterEvent } from '#core/inventory/cluster-event.ts';
import { Inventory } from '#core/inventory/inventory.ts';
import type { Told } from '#core/inventory/told.ts';
import type { ClusterModel } from '#core/policy/cluster/cluster-model.ts';
import type { ClusterAccess } from './cluster-access.ts';
import type { LiveInventory, ResourceHealth } from './live-inventory.ts';

export interface FollowedCluster {
  readonly access: ClusterAccess;
  /** Watch these namespaces only; empty means the whole cluster. */
  readonly namespaces: readonly string[];
}

/** A cluster that is listed and watched, and what it told so far. */
export interface FollowedInventory {
  start(): void;
  stop(): Promise<void>;
  health(): readonly ResourceHealth[];
  /** Rollouts, scaling and edits of policies since the cluster was first listed, the latest last. */
  events(): readonly ClusterEvent[];
  /** The cluster as it is now. */
  model(): ClusterModel;
}

/** Tells each trouble once, and once for all resources where it is the server's. */
class Teller {
  readonly #tell: (sentence: string) => void;
  readonly #told = new Map<string, string>();
  #server: string | undefined;

  constructor(tell: (sentence: string) => void) {
    this.#tell = tell;
  }

  health({ name, namespace, standing, problem, serverProblem }: ResourceHealth): void {
    if (serverProblem !== undefined) {
      if (this.#server !== serverProblem) this.#tell(`inventory: ${serverProblem}`);
      this.#server = serverProblem;
      return;
    }
    if (standing === 'live' && this.#server !== undefined) {
      this.#server = undefined;
      this.#tell('inventory: the API server answers again');
    }
    const key = `${name} ${namespace ?? ''}`;
    if (problem === undefined) this.#told.delete(key);
    else if (this.#told.get(key) !== problem) {
      this.#told.set(key, problem);
      this.#tell(`inventory: ${problem}`);
    }
  }
}

/** Follows a cluster; `learn` takes what it means for identity, `tell` one sentence where something is amiss. */
export function followInventory(
  { access, namespaces }: FollowedCluster,
  { learn, tell }: { readonly learn: (told: Told) => void; readonly tell: (sentence: string) => void },
): FollowedInventory {
  const inventory = new Inventory();
  const teller = new Teller(tell);
  let live: LiveInventory | undefined;
  return {
    start() {
      live ??= access.watch({
        namespaces,
        onChange: (change) => learn(inventory.apply(change)),
        onHealth: (health) => teller.health(health),
      });
    },
    async stop() {
      await live?.stop();
    },
    health: () => live?.health() ?? [],
    events: () => inventory.events(),
    model: () => inventory.model(),
  };
}
