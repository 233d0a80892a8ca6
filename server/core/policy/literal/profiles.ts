import type { CniProfile, NetworkName } from '../world.ts';

/**
 * The specification as the Kubernetes end-to-end tests read it: an ipBlock is held against every address. Its text
 * only says that blocks are meant for addresses outside the cluster; the tests expect a pod's `/32` to work.
 */
export const KUBERNETES_PROFILE: CniProfile = {
  name: 'kubernetes',
  ipBlockMatchesPods: true,
  ipBlockMatchesNodes: true,
  ipBlockMatchesReserved: true,
  selectorsFindHostNetwork: false,
  nodeNamespace: undefined,
  podsReachOwnNode: false,
  governsBarePods: true,
};

/**
 * Cilium as it comes: an ipBlock matches the world outside and nothing that Cilium has an identity of its own for
 * (docs.cilium.io/en/stable/security/policy/layer3, "Selecting pods or nodes with CIDR / ipBlock": `policyCIDRMatchMode`
 * is empty unless set).
 */
export const CILIUM_PROFILE: CniProfile = {
  ...KUBERNETES_PROFILE,
  name: 'cilium',
  ipBlockMatchesPods: false,
  ipBlockMatchesNodes: false,
  ipBlockMatchesReserved: false,
};

/**
 * Calico turns blocks and selectors into sets of addresses, and a host-network pod is no endpoint of its own
 * (projectcalico/felix#1361). No verdict is known that differs from the specification's.
 */
export const CALICO_PROFILE: CniProfile = { ...KUBERNETES_PROFILE, name: 'calico' };

/**
 * OVN-Kubernetes as OpenShift sets it up: blocks are matched by address, and nodes are met as one namespace
 * (ovn-kubernetes/ovn-kubernetes#2093; an empty podSelector beside the namespaceSelector is needed: OpenShift,
 * "About network policy").
 */
export const OVN_KUBERNETES_PROFILE: CniProfile = {
  ...KUBERNETES_PROFILE,
  name: 'ovn-kubernetes',
  nodeNamespace: {
    name: 'openshift-host-network',
    labels: [
      ['kubernetes.io/metadata.name', 'openshift-host-network'],
      ['policy-group.network.openshift.io/host-network', ''],
    ],
  },
};

/**
 * The network policy agent of the Amazon VPC CNI. Selectors become the `status.podIP` of every pod they match, those of
 * host-network pods too (aws/amazon-network-policy-controller-k8s, pkg/resolvers/endpoints.go); traffic with the own
 * node is never blocked, either way (aws/aws-network-policy-agent#65); pods without an owner are not governed (Amazon
 * EKS user guide, "Limit Pod traffic with Kubernetes network policies").
 */
export const AWS_VPC_CNI_PROFILE: CniProfile = {
  ...KUBERNETES_PROFILE,
  name: 'aws-vpc-cni',
  selectorsFindHostNetwork: true,
  podsReachOwnNode: true,
  governsBarePods: false,
};

const BY_NAME: Readonly<Record<NetworkName, CniProfile>> = {
  kubernetes: KUBERNETES_PROFILE,
  cilium: CILIUM_PROFILE,
  calico: CALICO_PROFILE,
  'ovn-kubernetes': OVN_KUBERNETES_PROFILE,
  'aws-vpc-cni': AWS_VPC_CNI_PROFILE,
};

/** Every profile, the specification first. */
export const PROFILES: readonly CniProfile[] = Object.values(BY_NAME);

/** The names by which people ask for one. */
export const NETWORK_NAMES: readonly NetworkName[] = PROFILES.map(({ name }) => name);

/** The profile a certificate names. */
export const profileNamed = (name: NetworkName): CniProfile => BY_NAME[name];
