import { ENTITIES, type Entity } from '#core/identity/peer.ts';
import { cidrsOf } from '../certify/policy-facts.ts';
import { type ClusterModel, type ClusterPod, describeWorkload } from '../cluster/cluster-model.ts';
import type { AddressRange } from '../connections/address-range.ts';
import type { FastEngine } from '../fast/fast-engine.ts';
import type { Endpoint, Labels, WorldPod } from '../world.ts';
import { firstAddress, isInBlocks, isPublicRange, outsideRanges } from './outside.ts';
import type { LabelWish, Membership, Segment } from './segments-file.ts';

/**
 * Ends that neither a policy nor a segment tells apart, spoken for by one of them. `foreign` stands for the pods of
 * other clusters: no policy here governs them, and nothing is known of what governs them there.
 */
export type Spot =
  | {
      readonly kind: 'pods';
      readonly workload: number;
      readonly pods: readonly WorldPod[];
      readonly classId: number;
    }
  | { readonly kind: 'outside'; readonly ranges: readonly AddressRange[]; readonly classId: number }
  | { readonly kind: 'entity'; readonly entity: Entity; readonly classId: number }
  | { readonly kind: 'foreign' };

/** Index of a spot. */
export type SpotId = number;

/** Everybody an assertion can be about. */
export interface Ground {
  readonly spots: readonly Spot[];
  /** By name; built-in ones too. */
  readonly segments: ReadonlyMap<string, ReadonlySet<SpotId>>;
}

/** The end that speaks for a spot. */
export function endpointOf(spot: Spot): Endpoint | undefined {
  switch (spot.kind) {
    case 'pods':
      return spot.pods[0] && { kind: 'pod', pod: spot.pods[0] };
    case 'outside':
      return spot.ranges[0] && { kind: 'address', ip: firstAddress(spot.ranges[0]) };
    case 'entity':
      return { kind: 'entity', entity: spot.entity };
    default:
      return undefined;
  }
}

type PodRule = Extract<Membership, { kind: 'pods' }>;
type AddressRule = Extract<Membership, { kind: 'addresses' }>;

export const isAlive = ({ phase }: WorldPod): boolean => phase !== 'Succeeded' && phase !== 'Failed';

const hasWished = (labels: Labels, wishes: readonly LabelWish[]): boolean =>
  wishes.every(({ key, values }) => labels.some(([own, value]) => own === key && values.includes(value)));

interface Crowd {
  readonly model: ClusterModel;
  readonly namespaceLabels: ReadonlyMap<string, Labels>;
}

/** Whether everything a segment says holds for a pod. */
function isMember({ pod, workload }: ClusterPod, rule: PodRule, { model, namespaceLabels }: Crowd): boolean {
  const owner = model.workloads[workload];
  if (rule.namespaces.length > 0 && !rule.namespaces.includes(pod.namespace)) return false;
  const isNamed =
    rule.workloads.length === 0 ||
    rule.workloads.some(
      ({ namespace, name, kind }) =>
        owner?.namespace === namespace && owner.name === name && (kind === undefined || owner.kind === kind),
    );
  return (
    isNamed &&
    hasWished(pod.labels, rule.pods) &&
    hasWished(namespaceLabels.get(pod.namespace) ?? [], rule.namespaceLabels)
  );
}

interface Rules {
  readonly pods: readonly (readonly [name: string, rule: PodRule])[];
  readonly addresses: readonly (readonly [name: string, rule: AddressRule])[];
}

function rulesOf(segments: readonly Segment[]): Rules {
  const rules = segments.map(({ name, members }) => [name, members] as const);
  return {
    pods: rules.flatMap(([name, rule]) => (rule.kind === 'pods' ? [[name, rule] as const] : [])),
    addresses: rules.flatMap(([name, rule]) => (rule.kind === 'addresses' ? [[name, rule] as const] : [])),
  };
}

/** Builds spots one by one. */
class Surveyor {
  readonly spots: Spot[] = [];
  readonly members = new Map<string, Set<SpotId>>();

  add(spot: Spot, names: readonly string[]): void {
    for (const name of names) {
      const own = this.members.get(name) ?? new Set();
      this.members.set(name, own.add(this.spots.length));
    }
    this.spots.push(spot);
  }
}

const grouped = <T>(items: Iterable<T>, keyOf: (item: T) => string): readonly (readonly [T, ...T[]])[] => {
  const groups = new Map<string, [T, ...T[]]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return [...groups.values()];
};

function addPods(surveyor: Surveyor, request: GroundRequest, rules: Rules): void {
  const { model, engine } = request;
  const namespaceLabels = new Map(model.namespaces.map(({ name, labels }) => [name as string, labels]));
  const crowd = { model, namespaceLabels };
  const placed = model.pods.flatMap((each) => {
    const classId = isAlive(each.pod) ? engine.classOf({ kind: 'pod', pod: each.pod }) : undefined;
    if (classId === undefined) return [];
    const names = rules.pods.filter(([, rule]) => isMember(each, rule, crowd)).map(([name]) => name);
    return [{ pod: each.pod, workload: each.workload, classId, names }];
  });
  for (const group of grouped(placed, (each) => JSON.stringify([each.workload, each.classId, each.names]))) {
    const [{ workload, classId, names }] = group;
    const pods = group.map(({ pod }) => pod);
    surveyor.add({ kind: 'pods', workload, pods, classId }, ['everyone', ...names]);
  }
}

function addOutside(surveyor: Surveyor, { model, engine }: GroundRequest, rules: Rules): void {
  const written = model.policies.flatMap(({ policy }) => [
    ...cidrsOf(policy, 'ingress'),
    ...cidrsOf(policy, 'egress'),
  ]);
  const named = rules.addresses.flatMap(([, { cidrs, except }]) => [...cidrs, ...except]);
  const placed = outsideRanges([...written, ...named]).flatMap((range) => {
    const classId = engine.classOf({ kind: 'address', ip: firstAddress(range) });
    if (classId === undefined) return [];
    const names = rules.addresses.filter(([, rule]) => isInBlocks(range, rule)).map(([name]) => name);
    return [{ range, classId, names: isPublicRange(range) ? ['internet', ...names] : names }];
  });
  for (const group of grouped(placed, (each) => JSON.stringify([each.classId, each.names]))) {
    const [{ classId, names }] = group;
    const ranges = group.map(({ range }) => range);
    surveyor.add({ kind: 'outside', ranges, classId }, ['everyone', 'world', ...names]);
  }
}

/** A pod's own node and its network's health checks reach it whatever anybody wants: `everyone` is not about them. */
const ALWAYS_THERE: readonly Entity[] = ['host', 'health'];

function addEntities(surveyor: Surveyor, { engine }: GroundRequest): void {
  for (const entity of ENTITIES) {
    if (entity === 'world') continue; // its addresses stand for it
    const classId = engine.classOf({ kind: 'entity', entity });
    if (classId === undefined) continue;
    const names = ALWAYS_THERE.includes(entity) ? [entity] : ['everyone', entity];
    surveyor.add({ kind: 'entity', entity, classId }, names);
  }
}

/** The members of a segment, those of the segments it is made of with them. */
function membersOf(
  name: string,
  byName: ReadonlyMap<string, Segment>,
  base: ReadonlyMap<string, ReadonlySet<SpotId>>,
): ReadonlySet<SpotId> {
  const members = new Set<SpotId>();
  const met = new Set([name]);
  const left = [name];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    for (const id of base.get(next) ?? []) members.add(id);
    const rule = byName.get(next)?.members;
    for (const other of rule?.kind === 'any' ? rule.names : []) {
      if (!met.has(other)) left.push(other);
      met.add(other);
    }
  }
  return members;
}

export interface GroundRequest {
  readonly model: ClusterModel;
  /** Of the model's world: its pods are the model's own. */
  readonly engine: FastEngine;
  readonly segments: readonly Segment[];
}

/**
 * Sorts everybody into spots, and spots into segments. Work grows with pods and blocks times segments; spots are as
 * many as workloads, where policies and segments do not split one, and one for each kind of place outside.
 */
export function groundOf(request: GroundRequest): Ground {
  const { segments } = request;
  const surveyor = new Surveyor();
  const rules = rulesOf(segments);
  addPods(surveyor, request, rules);
  addOutside(surveyor, request, rules);
  addEntities(surveyor, request);
  surveyor.add({ kind: 'foreign' }, ['everyone']);
  const byName = new Map(segments.map((segment) => [segment.name, segment]));
  const names = new Set([...surveyor.members.keys(), ...byName.keys()]);
  const found = new Map([...names].map((name) => [name, membersOf(name, byName, surveyor.members)]));
  return { spots: surveyor.spots, segments: found };
}

/** `shop/cart[Deployment]`, or why there is no such name. */
export const workloadText = (model: ClusterModel, workload: number): string => {
  const owner = model.workloads[workload];
  return owner === undefined ? 'a pod of nobody' : describeWorkload(owner);
};
