import { ENTITIES, type Entity } from '#core/identity/peer.ts';

/** What the label list of an endpoint says, taken apart by the source each label names. */
export interface EndpointLabels {
  /** Pod labels without `k8s:`, and without those that only Cilium puts there. */
  readonly pod: ReadonlyMap<string, string>;
  readonly namespaceLabels: ReadonlyMap<string, string>;
  readonly entities: readonly Entity[];
  /** Names of the FQDN identities the address belongs to; patterns are left out. */
  readonly fqdns: readonly string[];
  readonly namespace: string | undefined;
  readonly cluster: string | undefined;
}

const POD_NAMESPACE = 'io.kubernetes.pod.namespace';
const NAMESPACE_LABEL = 'io.cilium.k8s.namespace.labels.';
const POLICY_LABEL = 'io.cilium.k8s.policy.';
const CLUSTER = `${POLICY_LABEL}cluster`;

const ENTITIES_BY_RESERVED_LABEL: ReadonlyMap<string, Entity> = new Map<string, Entity>([
  ...ENTITIES.map((entity): [string, Entity] => [entity, entity]),
  ['world-ipv4', 'world'],
  ['world-ipv6', 'world'],
]);

const ENTITIES_BY_IDENTITY: ReadonlyMap<number, Entity> = new Map([
  [1, 'host'],
  [2, 'world'],
  [3, 'unmanaged'],
  [4, 'health'],
  [5, 'init'],
  [6, 'remote-node'],
  [7, 'kube-apiserver'],
  [8, 'ingress'],
  [9, 'world'],
  [10, 'world'],
]);

const NO_LABELS: ReadonlyMap<string, string> = new Map();
const NO_ENTITIES: readonly Entity[] = [];
/** What an endpoint without labels says. */
export const UNLABELLED: EndpointLabels = {
  pod: NO_LABELS,
  namespaceLabels: NO_LABELS,
  entities: NO_ENTITIES,
  fqdns: [],
  namespace: undefined,
  cluster: undefined,
};

/** The entity that a reserved identity number stands for. */
export function entitiesOfIdentity(identity: number | undefined): readonly Entity[] {
  const entity = identity === undefined ? undefined : ENTITIES_BY_IDENTITY.get(identity);
  return entity === undefined ? NO_ENTITIES : [entity];
}

interface Parts {
  readonly pod: Map<string, string>;
  readonly namespaceLabels: Map<string, string>;
  readonly entities: Set<Entity>;
  readonly fqdns: string[];
  isOutside: boolean;
  namespace: string | undefined;
  cluster: string | undefined;
}

function addPodLabel(parts: Parts, text: string): void {
  const equals = text.indexOf('=');
  const key = equals === -1 ? text : text.slice(0, equals);
  const value = equals === -1 ? '' : text.slice(equals + 1);
  if (key === POD_NAMESPACE) parts.namespace = value;
  else if (key.startsWith(NAMESPACE_LABEL)) {
    parts.namespaceLabels.set(key.slice(NAMESPACE_LABEL.length), value);
  } else if (key === CLUSTER) parts.cluster = value;
  else if (!key.startsWith(POLICY_LABEL)) parts.pod.set(key, value);
}

/** The source before the colon. A key holds no colon, so a label without source has none before its `=`. */
function sourceOf(label: string): string | undefined {
  const colon = label.indexOf(':');
  const equals = label.indexOf('=');
  return colon === -1 || (equals !== -1 && equals < colon) ? undefined : label.slice(0, colon);
}

function addLabel(parts: Parts, label: string): void {
  const source = sourceOf(label);
  const text = source === undefined ? label : label.slice(source.length + 1);
  if (source === undefined || source === 'k8s') addPodLabel(parts, text);
  else if (source === 'reserved') {
    const entity = ENTITIES_BY_RESERVED_LABEL.get(text);
    if (entity !== undefined) parts.entities.add(entity);
  } else if (source === 'fqdn') {
    parts.isOutside = true;
    if (text !== '' && !text.includes('*')) parts.fqdns.push(text);
  } else if (source === 'cidr' || source === 'cidrgroup') parts.isOutside = true;
}

/** Takes a label list apart. Labels of other sources (`container:`, `node:`, `unspec:`) are left out. */
export function parseEndpointLabels(labels: readonly string[]): EndpointLabels {
  const parts: Parts = {
    pod: new Map(),
    namespaceLabels: new Map(),
    entities: new Set(),
    fqdns: [],
    isOutside: false,
    namespace: undefined,
    cluster: undefined,
  };
  for (const label of labels) addLabel(parts, label);
  if (parts.isOutside && parts.entities.size === 0) parts.entities.add('world');
  const { pod, namespaceLabels, entities, fqdns, namespace, cluster } = parts;
  return {
    pod,
    namespaceLabels,
    entities: ENTITIES.filter((entity) => entities.has(entity)),
    fqdns,
    namespace: namespace === '' ? undefined : namespace,
    cluster: cluster === '' ? undefined : cluster,
  };
}
