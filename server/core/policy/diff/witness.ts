import type { PortInterval } from '../certificate.ts';
import { type ClusterModel, describeWorkload } from '../cluster/cluster-model.ts';
import { worldOf } from '../cluster/model-world.ts';
import { type AddressRange, addressText } from '../connections/address-range.ts';
import { type ConnectivityEnd, describeEnd } from '../connections/connectivity.ts';
import { type PodClass, podClasses } from '../connections/pod-class.ts';
import { PortAtoms } from '../connections/port-atoms.ts';
import { evaluate } from '../literal/evaluate.ts';
import type { Verdict } from '../literal/verdict.ts';
import type { CniProfile, Endpoint, World } from '../world.ts';

/** Two ends as lists of connections name them. */
export interface Ends {
  readonly from: ConnectivityEnd;
  readonly to: ConnectivityEnd;
}

interface Candidate {
  readonly endpoint: Endpoint;
  /** Undefined for what is outside. */
  readonly pods: PodClass | undefined;
  readonly workload: string;
  /** How many pods of the class are the workload's own. */
  readonly count: number;
}

/** One world as it is asked for single verdicts. */
export class Witness {
  private readonly classes = new Map<string, { readonly pods: PodClass; readonly count: number }[]>();
  private readonly world: World;
  private readonly worlds = new Map<string, World>();
  private readonly profile: CniProfile;
  private readonly atoms: PortAtoms;

  constructor(model: ClusterModel, profile: CniProfile) {
    this.world = worldOf(model);
    this.profile = profile;
    this.atoms = new PortAtoms(model);
    for (const each of podClasses(model, profile)) {
      for (const [index, count] of each.counts) {
        const workload = model.workloads[index];
        if (workload === undefined) continue;
        const name = describeWorkload(workload);
        const known = this.classes.get(name);
        if (known === undefined) this.classes.set(name, [{ pods: each, count }]);
        else known.push({ pods: each, count });
      }
    }
  }

  /** The intervals of ports within which no policy changes its word between the two. */
  cutsBetween({ from, to }: Ends): readonly PortInterval[] {
    return this.atoms.between(namespaceOf(from), namespaceOf(to));
  }

  /** The world and the verdict on the first pair of pods that has the answer; undefined when no pair has. */
  find(ends: Ends, at: PortInterval, allowed: boolean): Finding | undefined {
    const world = this.worldFor(namespaceOf(ends.from), namespaceOf(ends.to));
    const targets = this.candidates(ends.to, ends.from);
    for (const from of this.candidates(ends.from, ends.to)) {
      for (const target of targets) {
        const to = otherThan(from, target);
        if (to === undefined) continue;
        const connection = { from: from.endpoint, to, protocol: at.protocol, port: at.from };
        const verdict = evaluate(world, connection, this.profile);
        if (verdict.allowed === allowed) return { world, verdict };
      }
    }
    return undefined;
  }

  /** True when there are two pods, or a pod and an address it can speak to, that could be these ends. */
  hasPair(ends: Ends): boolean {
    const targets = this.candidates(ends.to, ends.from);
    return this.candidates(ends.from, ends.to).some((from) =>
      targets.some((target) => otherThan(from, target) !== undefined),
    );
  }

  private candidates(end: ConnectivityEnd, other: ConnectivityEnd): readonly Candidate[] {
    if (end.kind === 'external') {
      const { family, first } = end.range;
      const endpoint: Endpoint = { kind: 'address', ip: addressText(family, first) };
      return [{ endpoint, pods: undefined, workload: '', count: 0 }];
    }
    const range = other.kind === 'external' ? other.range : undefined;
    const workload = describeEnd(end);
    return (this.classes.get(workload) ?? [])
      .filter(({ pods }) => speaks(pods.families, range))
      .map(({ pods, count }) => ({ endpoint: { kind: 'pod', pod: pods.pod }, pods, workload, count }));
  }

  /** The policies of both ends' namespaces: no other can speak about them. */
  private worldFor(from: string | undefined, to: string | undefined): World {
    const key = `${from ?? ''}/${to ?? ''}`;
    const known = this.worlds.get(key);
    if (known !== undefined) return known;
    const policies = this.world.policies.filter(({ metadata }) => {
      const namespace = metadata?.namespace ?? 'default';
      return namespace === from || namespace === to;
    });
    const made = { ...this.world, policies };
    this.worlds.set(key, made);
    return made;
  }
}

/** A world that only holds the policies that may speak, and what they say of one connection. */
export interface Finding {
  readonly world: World;
  readonly verdict: Verdict;
}

const namespaceOf = (end: ConnectivityEnd): string | undefined =>
  end.kind === 'workload' ? end.workload.namespace : undefined;

const speaks = (families: PodClass['families'], range: AddressRange | undefined): boolean =>
  range === undefined || families.includes(range.family);

/** Pods of one class are met as two of them: what a pod may do to itself says nothing about its replicas. */
function otherThan(from: Candidate, to: Candidate): Endpoint | undefined {
  if (from.pods === undefined || from.pods !== to.pods) return to.endpoint;
  const isAlone = from.workload === to.workload && from.count < 2;
  return isAlone || from.pods.twin === undefined ? undefined : { kind: 'pod', pod: from.pods.twin };
}
