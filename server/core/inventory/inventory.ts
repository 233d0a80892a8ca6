import type { EpochMs } from '#core/flow/time.ts';
import type { NamespaceName, ObjectName } from '#core/identity/names.ts';
import { type Owner, rootOwner } from '#core/identity/owner.ts';
import { buildModel } from '#core/policy/cluster/build-model.ts';
import type { ClusterModel } from '#core/policy/cluster/cluster-model.ts';
import { type ClusterEvent, EventLog, eventsOf } from './cluster-event.ts';
import type { LiveController, LiveObject, LivePod } from './live-object.ts';
import { NO_NEWS, type PodNews, type Told } from './told.ts';

/** What became known of a cluster; `at` is when. */
export type InventoryChange =
  | { readonly do: 'put'; readonly object: LiveObject; readonly at: EpochMs }
  /** Deleted; `last` is what it was like then, where that was told. */
  | {
      readonly do: 'gone';
      readonly kind: string;
      readonly key: string;
      readonly last?: LiveObject | undefined;
      readonly at: EpochMs;
    }
  /** A whole list came in: what it does not name is gone. `within` is the namespace that was listed, if only one was. */
  | {
      readonly do: 'listed';
      readonly kind: string;
      readonly keys: ReadonlySet<string>;
      readonly within: string | undefined;
      readonly at: EpochMs;
    };

export interface InventoryOptions {
  /** Objects kept at most; those beyond are counted. A pod takes some 2 kB. */
  readonly maxObjects: number;
}

export const INVENTORY_DEFAULTS: InventoryOptions = { maxObjects: 500_000 };

const ownerKey = (namespace: string, kind: string, name: string): string => `${namespace}/${kind}/${name}`;

/** No chain of Kubernetes is longer; one that goes in circles ends here. */
const LONGEST_CHAIN = 4;

/**
 * The objects of one cluster as its API server tells of them, and what follows for identity: who owns which pod, and
 * which address was whose when. Memory grows with objects, never with changes, and is bounded.
 */
export class Inventory {
  readonly #options: InventoryOptions;
  readonly #objects = new Map<string, Map<string, LiveObject>>();
  readonly #podsByOwner = new Map<string, Set<string>>();
  readonly #listed = new Set<string>();
  readonly #log = new EventLog();
  #size = 0;
  #shed = 0;
  #malformed = 0;

  constructor(options: InventoryOptions = INVENTORY_DEFAULTS) {
    this.#options = options;
  }

  /** Takes in one change and says what it means for identity. */
  apply(change: InventoryChange): Told {
    switch (change.do) {
      case 'put':
        return this.#put(change.object, change.at);
      case 'gone':
        return this.#gone(change.kind, change.key, change);
      default:
        return this.#listedAll(change);
    }
  }

  /** The cluster as it is now. Objects that came malformed stand in it as far as they could be read. */
  model(): ClusterModel {
    const placed = [...this.#objects].flatMap(([kind, objects]) =>
      [...objects.values()].flatMap(({ key, decoded }) =>
        decoded === undefined
          ? []
          : [
              {
                object: decoded,
                source: { file: 'the cluster', document: 1, line: 1, item: `${kind} ${key}` },
              },
            ],
      ),
    );
    return buildModel(placed);
  }

  /** What was done to the cluster since it was first listed, the latest last. */
  events(): readonly ClusterEvent[] {
    return this.#log.all();
  }

  /** Live objects by kind, and what was left out. */
  counts(): {
    readonly byKind: ReadonlyMap<string, number>;
    readonly shed: number;
    readonly malformed: number;
    readonly eventsDropped: number;
  } {
    const byKind = new Map([...this.#objects].map(([kind, objects]) => [kind, objects.size] as const));
    return { byKind, shed: this.#shed, malformed: this.#malformed, eventsDropped: this.#log.dropped };
  }

  #of(kind: string): Map<string, LiveObject> {
    const known = this.#objects.get(kind) ?? new Map<string, LiveObject>();
    this.#objects.set(kind, known);
    return known;
  }

  #put(object: LiveObject, at: EpochMs): Told {
    const objects = this.#of(object.kind);
    const before = objects.get(object.key);
    if (before === undefined && this.#size >= this.#options.maxObjects) {
      this.#shed += 1;
      return NO_NEWS;
    }
    if (before === undefined) this.#size += 1;
    if (object.issues.length > 0 && (before?.issues.length ?? 0) === 0) this.#malformed += 1;
    objects.set(object.key, object);
    if (this.#listed.has(object.kind)) this.#log.add(eventsOf(before, object, at));
    // The same name with another uid: the earlier one went without a word.
    const replaced = before !== undefined && before.uid !== object.uid ? endOf(before, at) : NO_NEWS;
    return joined(replaced, this.#newsOf(object, at));
  }

  #newsOf({ facts, decoded, uid }: LiveObject, at: EpochMs): Told {
    if (facts.type === 'pod') return { ...NO_NEWS, pods: [this.#podNews(facts, uid, at)] };
    if (facts.type === 'node') return { ...NO_NEWS, nodes: [facts] };
    if (facts.type === 'slice') return { ...NO_NEWS, slices: [facts] };
    if (facts.type === 'controller') return this.#retold(facts, at);
    if (decoded?.type === 'service') return { ...NO_NEWS, services: [decoded.service] };
    if (decoded?.type === 'namespace') return { ...NO_NEWS, namespaces: [decoded] };
    return NO_NEWS;
  }

  #podNews(pod: LivePod, uid: string, at: EpochMs): PodNews {
    if (pod.owner !== undefined) {
      const key = ownerKey(pod.namespace, pod.owner.kind, pod.owner.name);
      const pods = this.#podsByOwner.get(key) ?? new Set();
      this.#podsByOwner.set(key, pods.add(`${pod.namespace}/${pod.name}`));
    }
    const { namespace, name, labels, ips, hostNetwork } = pod;
    return {
      uid,
      namespace,
      name,
      owner: this.#rootOf(pod),
      labels,
      ips: hostNetwork ? [] : ips,
      nodeIps: hostNetwork ? ips : [],
      from: pod.from?.at ?? at,
      isFromExact: pod.from?.isExact ?? false,
      until: pod.hasEnded ? (pod.endedAt ?? at) : undefined,
      at,
    };
  }

  /** The controller that people know: by what is listed, else by what the generated name suggests. */
  #rootOf({ namespace, name, owner }: LivePod): Owner {
    if (owner === undefined) return { kind: 'Pod', name, isReported: true };
    let here: { readonly kind: string; readonly name: ObjectName } = owner;
    for (let steps = 0; steps < LONGEST_CHAIN; steps += 1) {
      const known = this.#controller(here.kind, namespace, here.name);
      if (known === undefined) return rootOwner(here.kind, here.name);
      if (known.owner === undefined) break;
      here = known.owner;
    }
    return { ...here, isReported: true };
  }

  #controller(kind: string, namespace: NamespaceName, name: ObjectName): LiveController | undefined {
    const facts = this.#objects.get(kind)?.get(`${namespace}/${name}`)?.facts;
    return facts?.type === 'controller' ? facts : undefined;
  }

  /** A ReplicaSet or Job that is known now says whose its pods are. */
  #retold({ kind, namespace, name, owner }: LiveController, at: EpochMs): Told {
    if (owner === undefined) return NO_NEWS;
    const pods: PodNews[] = [];
    for (const key of this.#podsByOwner.get(ownerKey(namespace, kind, name)) ?? []) {
      const object = this.#objects.get('Pod')?.get(key);
      if (object?.facts.type === 'pod') pods.push(this.#podNews(object.facts, object.uid, at));
    }
    return { ...NO_NEWS, pods };
  }

  #gone(
    kind: string,
    key: string,
    change: { readonly last?: LiveObject | undefined; readonly at: EpochMs },
  ): Told {
    const objects = this.#of(kind);
    const known = objects.get(key);
    const { last, at } = change;
    const isOther = last !== undefined && known !== undefined && last.uid !== known.uid;
    if (known !== undefined && !isOther) {
      objects.delete(key);
      this.#size -= 1;
      this.#forgetOwned(known);
      if (this.#listed.has(kind)) this.#log.add(eventsOf(known, undefined, at));
    }
    const told = last === undefined || last.facts.type !== 'pod' ? NO_NEWS : this.#newsOf(last, at);
    const ended = last ?? known;
    return ended === undefined ? told : joined(told, endOf(ended, at));
  }

  #forgetOwned({ facts, key }: LiveObject): void {
    if (facts.type !== 'pod' || facts.owner === undefined) return;
    const owned = ownerKey(facts.namespace, facts.owner.kind, facts.owner.name);
    const pods = this.#podsByOwner.get(owned);
    pods?.delete(key);
    if (pods?.size === 0) this.#podsByOwner.delete(owned);
  }

  #listedAll({ kind, keys, within, at }: Extract<InventoryChange, { do: 'listed' }>): Told {
    const isMissing = (key: string): boolean =>
      !keys.has(key) && (within === undefined || key.startsWith(`${within}/`));
    const missing = [...this.#of(kind).keys()].filter(isMissing);
    const told = missing.map((key) => this.#gone(kind, key, { at })).reduce(joined, NO_NEWS);
    this.#listed.add(kind);
    return told;
  }
}

/** A pod that is gone has its addresses no longer; its objects of other kinds take what they said with them. */
function endOf({ facts, uid, key }: LiveObject, at: EpochMs): Told {
  if (facts.type === 'pod') return { ...NO_NEWS, endedPods: [{ uid, until: facts.endedAt ?? at }] };
  if (facts.type === 'node') return { ...NO_NEWS, goneNodes: [facts] };
  return facts.type === 'slice' ? { ...NO_NEWS, goneSlices: [key] } : NO_NEWS;
}

function joined(a: Told, b: Told): Told {
  if (a === NO_NEWS) return b;
  if (b === NO_NEWS) return a;
  return {
    pods: [...a.pods, ...b.pods],
    endedPods: [...a.endedPods, ...b.endedPods],
    nodes: [...a.nodes, ...b.nodes],
    goneNodes: [...a.goneNodes, ...b.goneNodes],
    services: [...a.services, ...b.services],
    slices: [...a.slices, ...b.slices],
    goneSlices: [...a.goneSlices, ...b.goneSlices],
    namespaces: [...a.namespaces, ...b.namespaces],
  };
}
