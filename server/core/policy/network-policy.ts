/**
 * `networking.k8s.io/v1` NetworkPolicy as it comes out of JSON or YAML. Types only: an optional field may be absent,
 * undefined or null, and the three mean the same, as they do to the API server. What a file really holds is checked
 * where it is read; the literal evaluator survives anything else.
 */
export interface NetworkPolicy {
  readonly apiVersion?: string | null | undefined;
  readonly kind?: string | null | undefined;
  readonly metadata: NetworkPolicyMetadata;
  readonly spec: NetworkPolicySpec;
}

/** `namespace` absent means `default`. */
export interface NetworkPolicyMetadata {
  readonly name: string;
  readonly namespace?: string | null | undefined;
  readonly labels?: Readonly<Record<string, string>> | null | undefined;
  readonly annotations?: Readonly<Record<string, string>> | null | undefined;
}

export type PolicyType = 'Ingress' | 'Egress';

/** What one policy says about the pods it selects; an empty `podSelector` selects every pod of its namespace. */
export interface NetworkPolicySpec {
  readonly podSelector: LabelSelector;
  readonly policyTypes?: readonly PolicyType[] | null | undefined;
  readonly ingress?: readonly NetworkPolicyIngressRule[] | null | undefined;
  readonly egress?: readonly NetworkPolicyEgressRule[] | null | undefined;
}

/** `from` absent or empty: any source; `ports` absent or empty: any port of any protocol. */
export interface NetworkPolicyIngressRule {
  readonly from?: readonly NetworkPolicyPeer[] | null | undefined;
  readonly ports?: readonly NetworkPolicyPort[] | null | undefined;
}

/** `to` absent or empty: any destination; `ports` absent or empty: any port of any protocol. */
export interface NetworkPolicyEgressRule {
  readonly to?: readonly NetworkPolicyPeer[] | null | undefined;
  readonly ports?: readonly NetworkPolicyPort[] | null | undefined;
}

/** Either an `ipBlock`, or one or both selectors (both: AND). Nothing set is invalid. */
export interface NetworkPolicyPeer {
  readonly podSelector?: LabelSelector | null | undefined;
  readonly namespaceSelector?: LabelSelector | null | undefined;
  readonly ipBlock?: IpBlock | null | undefined;
}

/** A CIDR with exceptions inside it, e.g. `10.0.0.0/8` except `10.1.0.0/16`. */
export interface IpBlock {
  readonly cidr: string;
  readonly except?: readonly string[] | null | undefined;
}

/** `protocol` absent means TCP. `port` is a number, or the name of a container port of the destination pod. */
export interface NetworkPolicyPort {
  readonly protocol?: string | null | undefined;
  readonly port?: number | string | null | undefined;
  /** Last port of an inclusive range that starts at a numeric `port`. */
  readonly endPort?: number | null | undefined;
}

/** Every requirement of both parts must hold; no requirement at all selects everything. */
export interface LabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>> | null | undefined;
  readonly matchExpressions?: readonly LabelSelectorRequirement[] | null | undefined;
}

/** `operator` is `In`, `NotIn`, `Exists` or `DoesNotExist`; only the first two take values. */
export interface LabelSelectorRequirement {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly string[] | null | undefined;
}
