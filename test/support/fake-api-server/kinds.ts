/** One resource of the fake API server. */
export interface FakeKind {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
  readonly isNamespaced: boolean;
  readonly shortNames: readonly string[];
}

const kind = (
  api: string,
  plural: string,
  name: string,
  scope: 'Namespaced' | 'Cluster' = 'Namespaced',
  ...shortNames: readonly string[]
): FakeKind => {
  const slash = api.indexOf('/');
  return {
    group: slash === -1 ? '' : api.slice(0, slash),
    version: api.slice(slash + 1),
    plural,
    kind: name,
    isNamespaced: scope === 'Namespaced',
    shortNames,
  };
};

/** What a cluster without extensions has, as far as anybody here asks for it. */
export const BUILT_IN: readonly FakeKind[] = [
  kind('v1', 'namespaces', 'Namespace', 'Cluster', 'ns'),
  kind('v1', 'nodes', 'Node', 'Cluster', 'no'),
  kind('v1', 'pods', 'Pod', 'Namespaced', 'po'),
  kind('v1', 'services', 'Service', 'Namespaced', 'svc'),
  kind('apps/v1', 'deployments', 'Deployment', 'Namespaced', 'deploy'),
  kind('apps/v1', 'replicasets', 'ReplicaSet', 'Namespaced', 'rs'),
  kind('apps/v1', 'statefulsets', 'StatefulSet', 'Namespaced', 'sts'),
  kind('apps/v1', 'daemonsets', 'DaemonSet', 'Namespaced', 'ds'),
  kind('batch/v1', 'jobs', 'Job'),
  kind('batch/v1', 'cronjobs', 'CronJob', 'Namespaced', 'cj'),
  kind('discovery.k8s.io/v1', 'endpointslices', 'EndpointSlice'),
  kind('networking.k8s.io/v1', 'networkpolicies', 'NetworkPolicy', 'Namespaced', 'netpol'),
  kind('networking.k8s.io/v1', 'ingresses', 'Ingress', 'Namespaced', 'ing'),
];

/** What Cilium adds. */
export const CILIUM: readonly FakeKind[] = [
  kind('cilium.io/v2', 'ciliumnetworkpolicies', 'CiliumNetworkPolicy', 'Namespaced', 'cnp'),
  kind(
    'cilium.io/v2',
    'ciliumclusterwidenetworkpolicies',
    'CiliumClusterwideNetworkPolicy',
    'Cluster',
    'ccnp',
  ),
];

export const groupVersion = ({ group, version }: FakeKind): string =>
  group === '' ? version : `${group}/${version}`;

/** `pods`, `networkpolicies.networking.k8s.io`. */
export const qualified = ({ group, plural }: FakeKind): string =>
  group === '' ? plural : `${plural}.${group}`;
