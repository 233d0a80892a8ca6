import type { NetworkPolicy } from '../network-policy.ts';
import type { Endpoint, World } from '../world.ts';

const namespaceOf = (policy: NetworkPolicy): unknown => policy?.metadata?.namespace ?? 'default';

/** Policies by the namespace that they are about: no other can speak of a pod. */
export class LocalWorlds {
  private readonly world: World;
  private readonly byNamespace = new Map<unknown, NetworkPolicy[]>();
  private readonly known = new Map<string, World>();

  constructor(world: World) {
    this.world = world;
    for (const policy of world.policies) {
      const there = this.byNamespace.get(namespaceOf(policy)) ?? [];
      this.byNamespace.set(namespaceOf(policy), there);
      there.push(policy);
    }
  }

  /** The world with the policies that can speak about either end. */
  for(from: Endpoint, to: Endpoint): World {
    const names = [from, to].map((end) => (end.kind === 'pod' ? end.pod.namespace : undefined));
    const key = JSON.stringify(names);
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const policies = [...new Set(names)].flatMap((name) => this.byNamespace.get(name) ?? []);
    const made = { ...this.world, policies };
    this.known.set(key, made);
    return made;
  }
}
