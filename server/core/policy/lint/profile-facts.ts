import type { CniProfile } from '../world.ts';

/** What of a policy a network limits, ignores or has to be told to take. Undefined: nothing known against it. */
export interface NetworkFacts {
  /** How it is called in a sentence. */
  readonly title: string;
  /** Most `ports` entries of one rule; a rule with more is refused as a whole. */
  readonly portsPerRule?: number;
  /** Entries in the table of one pod and direction; more are dropped. */
  readonly mapEntries?: number;
  /** Which releases take `endPort` for a single port. */
  readonly endPort?: string;
  /** What SCTP needs before a rule on it does anything. */
  readonly sctp?: string;
}

/**
 * Cilium: `MaxPorts` = 40 in pkg/policy/api; `bpf.policyMapMax` = 16384; port ranges since 1.16 (cilium#28684); SCTP
 * is a beta that is off (docs: configuration/sctp).
 */
const FACTS: ReadonlyMap<string, NetworkFacts> = new Map([
  [
    'cilium',
    {
      title: 'Cilium',
      portsPerRule: 40,
      mapEntries: 16_384,
      endPort: 'Cilium before 1.16 takes the range for its first port alone',
      sctp: 'Cilium drops SCTP unless it was installed with sctp.enabled=true',
    },
  ],
  ['calico', { title: 'Calico' }],
  ['ovn-kubernetes', { title: 'OVN-Kubernetes' }],
  ['aws-vpc-cni', { title: 'the Amazon VPC CNI' }],
]);

/** The specification sets none of these limits, and a network that is not in the table is taken at its word. */
export const factsOfNetwork = ({ name }: CniProfile): NetworkFacts => FACTS.get(name) ?? { title: name };
