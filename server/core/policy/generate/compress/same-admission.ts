import { ENTITIES } from '#core/identity/peer.ts';
import type { PortInterval } from '../../certificate.ts';
import { addressAtoms } from '../../certify/address-atoms.ts';
import type { CertifiedWorld } from '../../certify/certified-world.ts';
import { cidrsOf } from '../../certify/policy-facts.ts';
import type { ClassId } from '../../fast/end-class.ts';
import { createEngine, type FastEngine } from '../../fast/fast-engine.ts';
import type { NetworkPolicy, PolicyType } from '../../network-policy.ts';
import type { CniProfile, Endpoint } from '../../world.ts';

/** Two ways to write the same policies, to be held against each other in everything that could tell them apart. */
export interface TwoWritings {
  readonly certified: Pick<CertifiedWorld, 'namespaces' | 'pods'>;
  readonly profile: CniProfile;
  readonly before: readonly NetworkPolicy[];
  readonly after: readonly NetworkPolicy[];
}

/** The policies as if they spoke of one direction only: what one side widens the other must not hide. */
const onlyOf = (policies: readonly NetworkPolicy[], type: PolicyType): readonly NetworkPolicy[] =>
  policies.map(({ metadata, spec }) => ({
    metadata,
    spec: {
      podSelector: spec.podSelector,
      policyTypes: [type],
      ...(type === 'Ingress' ? { ingress: spec.ingress } : { egress: spec.egress }),
    },
  }));

/** Everybody in the world, and one address of each set that no block of either writing tells apart. */
function endsOf({ certified, before, after }: TwoWritings): readonly Endpoint[] {
  const blocks = [...before, ...after].flatMap((policy) => [
    ...cidrsOf(policy, 'ingress'),
    ...cidrsOf(policy, 'egress'),
  ]);
  return [
    ...certified.pods.map((pod): Endpoint => ({ kind: 'pod', pod })),
    ...addressAtoms(blocks).map(({ ip }): Endpoint => ({ kind: 'address', ip })),
    ...ENTITIES.map((entity): Endpoint => ({ kind: 'entity', entity })),
  ];
}

type Classes = readonly [before: ClassId, after: ClassId];

/** Ends that neither engine tells apart, as pairs of its classes; undefined when an engine does not know one. */
function jointClasses(ends: readonly Endpoint[], engines: Engines): readonly Classes[] | undefined {
  const classes = new Map<string, Classes>();
  for (const end of ends) {
    const [before, after] = [engines.before.classOf(end), engines.after.classOf(end)];
    if (before === undefined || after === undefined) return undefined;
    classes.set(`${before}|${after}`, [before, after]);
  }
  return [...classes.values()];
}

interface Engines {
  readonly before: FastEngine;
  readonly after: FastEngine;
}

/** One port of each interval within which neither engine changes its answer. */
function pointsOf({ before, after }: Engines): readonly Pick<PortInterval, 'protocol' | 'from'>[] {
  const all = [...before.intervals(), ...after.intervals()];
  return [...new Map(all.map((each) => [`${each.protocol}|${each.from}`, each])).values()];
}

/** A step is one port: all pairs of classes at once. */
function* agreeing(engines: Engines, ends: readonly Endpoint[]): Generator<undefined, boolean> {
  const classes = jointClasses(ends, engines);
  if (classes === undefined) return false;
  for (const { protocol, from: port } of pointsOf(engines)) {
    yield undefined;
    const before = engines.before.matrix([{ protocol, port }]);
    const after = engines.after.matrix([{ protocol, port }]);
    const isSame = classes.every((from) =>
      classes.every((to) => before.isAdmitted(0, from[0], to[0]) === after.isAdmitted(0, from[1], to[1])),
    );
    if (!isSame) return false;
  }
  return true;
}

/**
 * True when both writings admit the same in each direction on its own: for every pair of pods, addresses and entities
 * and on every port. Grows with the square of the classes of pods times the intervals of ports; a step is one of these.
 */
export function* comparingAdmission(writings: TwoWritings): Generator<undefined, boolean> {
  const { certified, profile } = writings;
  const ends = endsOf(writings);
  const engineFor = (policies: readonly NetworkPolicy[]): FastEngine =>
    createEngine({ namespaces: certified.namespaces, pods: certified.pods, policies }, profile);
  for (const type of ['Egress', 'Ingress'] as const) {
    const before = engineFor(onlyOf(writings.before, type));
    const after = engineFor(onlyOf(writings.after, type));
    if (!(yield* agreeing({ before, after }, ends))) return false;
  }
  return true;
}
