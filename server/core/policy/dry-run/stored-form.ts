import type {
  LabelSelector,
  NetworkPolicy,
  NetworkPolicyEgressRule,
  NetworkPolicyIngressRule,
  NetworkPolicyPeer,
  NetworkPolicyPort,
} from '../network-policy.ts';

/**
 * A policy as an API server would store it: with the defaults it fills in (the type Ingress, Egress where there are egress
 * rules, TCP) and without the lists and maps that are empty, which it leaves out. Two policies that mean the same to the
 * server are then the same text. Pieces that no server takes are passed on as they are.
 */
export function storedForm(policy: NetworkPolicy): NetworkPolicy {
  const { apiVersion, kind, metadata, spec } = policy;
  const { podSelector, policyTypes, ingress, egress } = spec;
  const directions = ['Ingress' as const, ...(isFilled(egress) ? ['Egress' as const] : [])];
  const { name, namespace, labels, annotations } = metadata;
  return {
    apiVersion: apiVersion ?? 'networking.k8s.io/v1',
    kind: kind ?? 'NetworkPolicy',
    metadata: {
      name,
      namespace: namespace ?? 'default',
      ...given('labels', labels),
      ...given('annotations', annotations),
    },
    spec: {
      podSelector: selectorForm(podSelector),
      policyTypes: isFilled(policyTypes) ? policyTypes : directions,
      ...listed('ingress', ingress, ingressForm),
      ...listed('egress', egress, egressForm),
    },
  };
}

const isFilled = (list: unknown): boolean => Array.isArray(list) && list.length > 0;

/** A field with a map, or no field where it is empty. */
function given<Key extends string, T extends object>(
  key: Key,
  map: T | null | undefined,
): { [K in Key]?: T } {
  const isEmpty = map === null || map === undefined || Object.keys(map).length === 0;
  return (isEmpty ? {} : { [key]: map }) as { [K in Key]?: T };
}

/** A field with a list, or no field where it is empty; what is no list stays what it is. */
function listed<Key extends string, T, U>(
  key: Key,
  list: readonly T[] | null | undefined,
  form: (item: T) => U,
): { [K in Key]?: readonly U[] } {
  const value: unknown = Array.isArray(list) ? list.map(form) : list;
  const isEmpty = value === null || value === undefined || (Array.isArray(value) && value.length === 0);
  return (isEmpty ? {} : { [key]: value }) as { [K in Key]?: readonly U[] };
}

const same = <T>(item: T): T => item;

function selectorForm(selector: LabelSelector): LabelSelector {
  if (typeof selector !== 'object' || selector === null) return selector;
  const { matchLabels, matchExpressions } = selector;
  return { ...given('matchLabels', matchLabels), ...listed('matchExpressions', matchExpressions, same) };
}

function peerForm(peer: NetworkPolicyPeer): NetworkPolicyPeer {
  const { podSelector, namespaceSelector, ipBlock } = peer;
  return {
    ...(podSelector ? { podSelector: selectorForm(podSelector) } : {}),
    ...(namespaceSelector ? { namespaceSelector: selectorForm(namespaceSelector) } : {}),
    ...(ipBlock ? { ipBlock: { cidr: ipBlock.cidr, ...listed('except', ipBlock.except, same) } } : {}),
  };
}

const portForm = ({ protocol, port, endPort }: NetworkPolicyPort): NetworkPolicyPort => ({
  protocol: protocol ?? 'TCP',
  ...(port === undefined || port === null ? {} : { port }),
  ...(endPort === undefined || endPort === null ? {} : { endPort }),
});

const ingressForm = ({ from, ports }: NetworkPolicyIngressRule): NetworkPolicyIngressRule => ({
  ...listed('from', from, peerForm),
  ...listed('ports', ports, portForm),
});

const egressForm = ({ to, ports }: NetworkPolicyEgressRule): NetworkPolicyEgressRule => ({
  ...listed('to', to, peerForm),
  ...listed('ports', ports, portForm),
});
