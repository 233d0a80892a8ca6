import type { PortInterval } from '../certificate.ts';
import { portCuts } from '../certify/policy-facts.ts';
import { cutsAround, intervalsOf, POLICY_PROTOCOLS } from '../certify/port-intervals.ts';
import type { ClusterModel } from '../cluster/cluster-model.ts';
import type { NetworkPolicy } from '../network-policy.ts';
import type { NamedPort, PolicyProtocol } from '../world.ts';
import { namesThatMatter, portNamesIn } from './port-names.ts';

/** A namespace's policies, and those of its pods' port names that some policy asks for. */
interface NamespaceFacts {
  readonly policies: readonly NetworkPolicy[];
  readonly namedPorts: readonly NamedPort[];
}

const NOTHING: NamespaceFacts = { policies: [], namedPorts: [] };

function factsByNamespace(model: ClusterModel): ReadonlyMap<string, NamespaceFacts> {
  const facts = new Map<string, { policies: NetworkPolicy[]; namedPorts: NamedPort[] }>();
  const at = (namespace: string) => {
    const known = facts.get(namespace) ?? { policies: [], namedPorts: [] };
    facts.set(namespace, known);
    return known;
  };
  for (const { policy } of model.policies) at(policy.metadata.namespace ?? 'default').policies.push(policy);
  const asked = portNamesIn(model.policies.map(({ policy }) => policy));
  for (const { pod } of model.pods)
    at(pod.namespace).namedPorts.push(...namesThatMatter(pod.namedPorts, asked));
  return facts;
}

/** The intervals of ports within which no policy changes its word, between any two pods of two namespaces. */
export class PortAtoms {
  private readonly facts: ReadonlyMap<string, NamespaceFacts>;
  private readonly known = new Map<string, readonly PortInterval[]>();

  constructor(model: ClusterModel) {
    this.facts = factsByNamespace(model);
  }

  /** A side outside the cluster is undefined: no policy is about it, and it names no ports. */
  between(from: string | undefined, to: string | undefined): readonly PortInterval[] {
    const key = `${from ?? ''}>${to ?? ''}`;
    const atoms = this.known.get(key) ?? this.cut(this.at(from), this.at(to));
    this.known.set(key, atoms);
    return atoms;
  }

  private at(namespace: string | undefined): NamespaceFacts {
    return (namespace === undefined ? undefined : this.facts.get(namespace)) ?? NOTHING;
  }

  private cut(from: NamespaceFacts, to: NamespaceFacts): readonly PortInterval[] {
    return POLICY_PROTOCOLS.flatMap((protocol) => intervalsOf(protocol, cutsFor(from, to, protocol)));
  }
}

function cutsFor(from: NamespaceFacts, to: NamespaceFacts, protocol: PolicyProtocol): readonly number[] {
  const named = to.namedPorts.filter((each) => each.protocol === protocol);
  return [
    ...from.policies.flatMap((policy) => portCuts(policy, 'egress', protocol)),
    ...to.policies.flatMap((policy) => portCuts(policy, 'ingress', protocol)),
    ...named.flatMap(({ port }) => cutsAround(port)),
  ];
}
