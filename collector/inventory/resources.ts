import type { ObjectKind } from '#core/inventory/decode-live.ts';

/** Who asks for a resource: a running inventory, a single look at a cluster, or both. */
type Use = 'always' | 'snapshot';

/** One kind of object, where the API server has it, and what is not known without it. */
export interface Resource extends ObjectKind {
  /** `/api/v1` or `/apis/group/version`. */
  readonly root: string;
  readonly plural: string;
  /** Objects are told by name alone: enough to count them. */
  readonly isNameOnly: boolean;
  /** Not every cluster has the API: its absence is no news. */
  readonly isOptional: boolean;
  readonly use: Use;
  /** One sentence: what it costs when these can not be read. */
  readonly cost: string;
}

interface Row {
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
  readonly cost: string;
  readonly isNamespaced?: boolean;
  readonly isNameOnly?: boolean;
  readonly isOptional?: boolean;
  readonly use?: Use;
}

const resource = (row: Row): Resource => ({
  apiVersion: row.version,
  kind: row.kind,
  isNamespaced: row.isNamespaced ?? true,
  root: row.version.includes('/') ? `/apis/${row.version}` : `/api/${row.version}`,
  plural: row.plural,
  isNameOnly: row.isNameOnly ?? false,
  isOptional: row.isOptional ?? false,
  use: row.use ?? 'always',
  cost: row.cost,
});

/** What every cluster has, in the order in which it is of use: a pod's namespace and owners before the pod. */
const KUBERNETES: readonly Row[] = [
  {
    version: 'v1',
    plural: 'namespaces',
    kind: 'Namespace',
    isNamespaced: false,
    cost: 'labels of namespaces are known only as far as flows carry them',
  },
  {
    version: 'v1',
    plural: 'nodes',
    kind: 'Node',
    isNamespaced: false,
    cost: 'an address of a node is told from a stranger only where flows say so',
  },
  {
    version: 'apps/v1',
    plural: 'replicasets',
    kind: 'ReplicaSet',
    cost: 'which Deployment a pod belongs to is guessed from its name',
  },
  {
    version: 'batch/v1',
    plural: 'jobs',
    kind: 'Job',
    cost: 'which CronJob a pod belongs to is guessed from its name',
  },
  {
    version: 'v1',
    plural: 'pods',
    kind: 'Pod',
    cost: 'who had which address is known from flows alone, and a pod the network calls "world" stays outside',
  },
  {
    version: 'v1',
    plural: 'services',
    kind: 'Service',
    cost: 'connections that were seen at a Service address are set aside',
  },
  {
    version: 'discovery.k8s.io/v1',
    plural: 'endpointslices',
    kind: 'EndpointSlice',
    cost: 'connections that were seen at a Service address are set aside',
  },
  {
    version: 'apps/v1',
    plural: 'deployments',
    kind: 'Deployment',
    cost: 'rollouts and scaling of Deployments are not on the time line',
  },
  {
    version: 'apps/v1',
    plural: 'statefulsets',
    kind: 'StatefulSet',
    cost: 'rollouts and scaling of StatefulSets are not on the time line',
  },
  {
    version: 'apps/v1',
    plural: 'daemonsets',
    kind: 'DaemonSet',
    cost: 'rollouts of DaemonSets are not on the time line',
  },
  {
    version: 'batch/v1',
    plural: 'cronjobs',
    kind: 'CronJob',
    cost: 'schedules of CronJobs are not known',
  },
  {
    version: 'networking.k8s.io/v1',
    plural: 'networkpolicies',
    kind: 'NetworkPolicy',
    cost: 'the policies in force are not known: nothing can be compared with them, and edits are not on the time line',
  },
  {
    version: 'networking.k8s.io/v1',
    plural: 'ingresses',
    kind: 'Ingress',
    use: 'snapshot',
    cost: 'what Ingresses let in from outside is not known',
  },
];

const NOT_JUDGED = 'policies of this kind may forbid or allow more than is said here';

const other = (version: string, plural: string, kind: string, isNamespaced: boolean): Row => ({
  version,
  plural,
  kind,
  isNamespaced,
  isNameOnly: true,
  isOptional: true,
  cost: NOT_JUDGED,
});

/** Policies of other dialects: counted, since nothing here judges them. */
const OTHER_DIALECTS: readonly Row[] = [
  other('cilium.io/v2', 'ciliumnetworkpolicies', 'CiliumNetworkPolicy', true),
  other('cilium.io/v2', 'ciliumclusterwidenetworkpolicies', 'CiliumClusterwideNetworkPolicy', false),
  other('policy.networking.k8s.io/v1alpha2', 'clusternetworkpolicies', 'ClusterNetworkPolicy', false),
  other('policy.networking.k8s.io/v1alpha1', 'adminnetworkpolicies', 'AdminNetworkPolicy', false),
  other(
    'policy.networking.k8s.io/v1alpha1',
    'baselineadminnetworkpolicies',
    'BaselineAdminNetworkPolicy',
    false,
  ),
  other('crd.projectcalico.org/v1', 'networkpolicies', 'CalicoNetworkPolicy', true),
  other('crd.projectcalico.org/v1', 'globalnetworkpolicies', 'GlobalNetworkPolicy', false),
];

export const RESOURCES: readonly Resource[] = [...KUBERNETES, ...OTHER_DIALECTS].map(resource);

/** Path of all objects of a resource, or of those in one namespace. */
export const pathOf = ({ root, plural, isNamespaced }: Resource, namespace?: string | undefined): string =>
  namespace === undefined || !isNamespaced
    ? `${root}/${plural}`
    : `${root}/namespaces/${encodeURIComponent(namespace)}/${plural}`;

/** `pods`, `networkpolicies.networking.k8s.io`: how `kubectl` names it. */
export function resourceName({ apiVersion, plural }: Resource): string {
  const slash = apiVersion.indexOf('/');
  return slash === -1 ? plural : `${plural}.${apiVersion.slice(0, slash)}`;
}
