import type { PortInterval } from '../certificate.ts';
import { cidrsOf, portCuts } from '../certify/policy-facts.ts';
import { cutsAround, intervalsOf, POLICY_PROTOCOLS, sizeOf } from '../certify/port-intervals.ts';
import { addressText, describeRange, elementaryRanges } from '../connections/address-range.ts';
import { entriesOf } from '../explain/describe-rule.ts';
import type { Population } from '../explain/population.ts';
import { createEngine, type FastEngine } from '../fast/fast-engine.ts';
import { isObject } from '../literal/fault.ts';
import type { PolicyDirection } from '../literal/verdict.ts';
import type { NetworkPolicy, NetworkPolicySpec, PolicyType } from '../network-policy.ts';
import type { CniProfile, Connection, Endpoint, WorldPod } from '../world.ts';
import { isIsolated, type PolicyBench } from './observed.ts';
import type { RuleAt } from './rule-use.ts';
import type { GovernedPods } from './subjects.ts';

/** Something that one side of a workload admits under the first policies and not under the second. */
export interface ExcessCell {
  readonly subject: GovernedPods;
  readonly direction: PolicyDirection;
  /** `shop/web[Deployment]`, `10.0.0.0/8`, or what stands for every node and entity. */
  readonly peer: string;
  readonly ports: PortInterval;
  /** Rules of the first policies that let it in. */
  readonly by: readonly RuleAt[];
}

const NODES_AND_ENTITIES = 'nodes, the API server and other entities';

interface Other {
  readonly text: string;
  readonly end: Endpoint;
}

/** The two sets of policies that are compared. */
export interface Compared {
  readonly wide: PolicyBench;
  readonly tight: PolicyBench;
  readonly population: Population;
  readonly subjects: readonly GovernedPods[];
  readonly profile: CniProfile;
}

const DIRECTIONS: readonly PolicyDirection[] = ['ingress', 'egress'];

/** A pod may always talk with itself; its twin stands for its replicas. */
const twinOf = (pod: WorldPod): WorldPod => ({ ...pod, name: `${pod.name} (another)` });

const TYPE: Readonly<Record<PolicyDirection, PolicyType>> = { ingress: 'Ingress', egress: 'Egress' };

/** Without `policyTypes` a policy is about ingress, and about egress only if it has an egress rule. */
function isAbout({ policyTypes, egress }: NetworkPolicySpec, direction: PolicyDirection): boolean {
  const types = entriesOf<string>(policyTypes);
  if (types.length > 0) return types.includes(TYPE[direction]);
  return direction === 'ingress' || entriesOf(egress).length > 0;
}

/**
 * The policies as far as they speak about one direction, so that the other one is open. What is malformed may come out
 * wider than it is: the literal evaluator has the last word.
 */
function oneSided(policies: readonly NetworkPolicy[], direction: PolicyDirection): readonly NetworkPolicy[] {
  return policies.flatMap((policy): readonly NetworkPolicy[] => {
    if (!isObject(policy.spec)) return [policy];
    if (!isAbout(policy.spec, direction)) return [];
    const { ingress, egress, ...spec } = policy.spec;
    const own = direction === 'ingress' ? { ingress } : { egress };
    return [{ ...policy, spec: { ...spec, ...own, policyTypes: [TYPE[direction]] } }];
  });
}

/** Works out excess, workload by workload. */
class Comparison {
  readonly cells: ExcessCell[] = [];
  private readonly compared: Compared;
  private readonly engines: Readonly<Record<PolicyDirection, readonly [FastEngine, FastEngine]>>;
  private readonly places = new Map<string, readonly Other[]>();
  private readonly intervals = new Map<string, readonly PortInterval[]>();

  constructor(compared: Compared) {
    this.compared = compared;
    const enginesFor = (direction: PolicyDirection) =>
      [this.engineOf(compared.wide, direction), this.engineOf(compared.tight, direction)] as const;
    this.engines = { ingress: enginesFor('ingress'), egress: enginesFor('egress') };
  }

  private engineOf({ policies }: PolicyBench, direction: PolicyDirection): FastEngine {
    const { population, profile } = this.compared;
    const pods = population.residents.map(({ pod }) => pod);
    return createEngine(
      { namespaces: population.namespaces, pods, policies: oneSided(policies, direction) },
      profile,
    );
  }

  compare(subject: GovernedPods, direction: PolicyDirection): void {
    const { pod } = subject.resident;
    const self: Endpoint = { kind: 'pod', pod };
    const { wide } = this.compared;
    if (!isIsolated(wide, pod, direction)) return;
    for (const other of [...this.pods(pod), ...this.outside(pod.namespace, direction)]) {
      const ends = direction === 'ingress' ? { from: other.end, to: self } : { from: self, to: other.end };
      for (const ports of this.intervalsFor(ends, direction)) {
        const connection: Connection = { ...ends, protocol: ports.protocol, port: ports.from };
        if (!this.isExcess(connection, direction)) continue;
        const verdict = wide.verdict(connection)[direction];
        const by = wide.rulesOf(verdict, connection).map((each) => ({ ...each, direction }));
        this.cells.push({ subject, direction, peer: other.text, ports, by });
      }
    }
  }

  /** The fast engine finds candidates; the literal evaluator has the last word on each. */
  private isExcess(connection: Connection, direction: PolicyDirection): boolean {
    const { from, to, protocol, port } = connection;
    const [wide, tight] = this.engines[direction];
    if (!wide.allowed(from, to, { protocol, port }) || tight.allowed(from, to, { protocol, port }))
      return false;
    const { wide: existing, tight: proposed } = this.compared;
    return (
      existing.verdict(connection)[direction].allowed && !proposed.verdict(connection)[direction].allowed
    );
  }

  /** One of each kind of pods of everybody. */
  private pods(self: WorldPod): readonly Other[] {
    return this.compared.subjects.map(({ resident }) => ({
      text: resident.text,
      end: { kind: 'pod', pod: resident.pod === self ? twinOf(self) : resident.pod },
    }));
  }

  /** Addresses that the policies of a namespace tell apart, and everything that has no address here. */
  private outside(namespace: string, direction: PolicyDirection): readonly Other[] {
    const key = `${namespace}|${direction}`;
    const known = this.places.get(key);
    if (known !== undefined) return known;
    const ranges = elementaryRanges(
      this.policiesIn(namespace).flatMap((policy) => cidrsOf(policy, direction)),
    );
    const made: readonly Other[] = [
      ...ranges.map((range): Other => {
        const end: Endpoint = { kind: 'address', ip: addressText(range.family, range.first) };
        return { text: describeRange(range), end };
      }),
      { text: NODES_AND_ENTITIES, end: { kind: 'entity', entity: 'remote-node' } },
    ];
    this.places.set(key, made);
    return made;
  }

  private policiesIn(namespace: string): readonly NetworkPolicy[] {
    const { wide, tight } = this.compared;
    return [...wide.policies, ...tight.policies].filter(
      ({ metadata }) => (metadata?.namespace ?? 'default') === namespace,
    );
  }

  private intervalsFor(
    { from, to }: Pick<Connection, 'from' | 'to'>,
    direction: PolicyDirection,
  ): readonly PortInterval[] {
    const subject = direction === 'ingress' ? to : from;
    const namespace = subject.kind === 'pod' ? subject.pod.namespace : '';
    const named = to.kind === 'pod' ? to.pod.namedPorts.map(({ port }) => port) : [];
    const key = `${namespace}|${direction}|${named.join(',')}`;
    const known = this.intervals.get(key);
    if (known !== undefined) return known;
    const policies = this.policiesIn(namespace);
    const made = POLICY_PROTOCOLS.flatMap((protocol) =>
      intervalsOf(protocol, [
        ...policies.flatMap((policy) => portCuts(policy, direction, protocol)),
        ...named.flatMap(cutsAround),
      ]),
    );
    this.intervals.set(key, made);
    return made;
  }
}

/**
 * Everything that the sides of the scope's workloads admit under the wide policies and not under the tight ones. Each
 * side is judged alone, as if the other end were open: who is deployed tomorrow may be. A side that the wide policies do
 * not isolate is left out: it is open to everything. Work grows with kinds of pods
 * squared times the ports that policies of a namespace tell apart.
 */
export function excessOf(compared: Compared): readonly ExcessCell[] {
  const comparison = new Comparison(compared);
  for (const subject of compared.subjects.filter(({ isInScope }) => isInScope))
    for (const direction of DIRECTIONS) comparison.compare(subject, direction);
  return comparison.cells;
}

/** Ports counted one by one, and an address range as one, as a certificate counts them; kinds of one workload once. */
export function sizeOfExcess(cells: readonly ExcessCell[]): {
  readonly cells: number;
  readonly pairs: number;
} {
  const pairs = new Set<string>();
  const sizes = new Map<string, number>();
  for (const { subject, direction, peer, ports } of cells) {
    const pair = `${direction} ${subject.resident.text} ${peer}`;
    pairs.add(pair);
    sizes.set(`${pair}|${ports.protocol}|${ports.from}`, sizeOf(ports));
  }
  return { cells: [...sizes.values()].reduce((sum, size) => sum + size, 0), pairs: pairs.size };
}
