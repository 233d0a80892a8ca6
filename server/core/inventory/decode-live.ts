import { parseObjectName } from '#core/identity/names.ts';
import { formatIp, parseIp } from '#core/net/ip.ts';
import { type Cursor, deepField, field, itemsAt, textAt } from '#core/policy/cluster/cursor.ts';
import { nameAt, namespaceAt } from '#core/policy/cluster/decode-metadata.ts';
import { decodeDocument } from '#core/policy/cluster/decode-object.ts';
import type { DecodedObject } from '#core/policy/cluster/decoded-object.ts';
import type { ObjectIssue } from '#core/policy/cluster/manifest-problem.ts';
import { decodeController, decodeSlice } from './decode-controller.ts';
import { decodeLivePod } from './decode-live-pod.ts';
import type { LiveFacts, LiveNode, LiveObject } from './live-object.ts';

/** The kind and version of a resource's objects: items of a list do not say. */
export interface ObjectKind {
  readonly apiVersion: string;
  readonly kind: string;
  readonly isNamespaced: boolean;
}

/** Longest text of a name or id that is kept. */
const MAX_TEXT = 512;

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Annotation in which `kubectl apply` keeps the whole object once more. */
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

function withoutLastApplied(annotations: unknown): Readonly<Record<string, unknown>> | undefined {
  if (!isRecord(annotations)) return undefined;
  const kept = Object.entries(annotations).filter(([key]) => key !== LAST_APPLIED);
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}

/** A policy as somebody would write it: without what the API server added to its metadata and status. */
function asWritten(object: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { apiVersion, kind, metadata, spec } = object;
  if (!isRecord(metadata)) return object;
  const { name, namespace, labels } = metadata;
  const annotations = withoutLastApplied(metadata['annotations']);
  const own = { name, namespace, ...(labels === undefined ? {} : { labels }) };
  return { apiVersion, kind, metadata: annotations === undefined ? own : { ...own, annotations }, spec };
}

function addressesOf(cursors: readonly Cursor[]): readonly string[] {
  const ips = cursors.map((at) => parseIp(textAt(at) ?? '')).filter((ip) => ip !== undefined);
  return [...new Set(ips.map(formatIp))];
}

function decodeNode(root: Cursor): LiveNode | undefined {
  const name = nameAt(root);
  const addresses = itemsAt(deepField(root, 'status', 'addresses')).filter((at) => {
    const type = textAt(field(at, 'type'));
    return type === 'InternalIP' || type === 'ExternalIP';
  });
  const spec = deepField(root, 'spec');
  const cidrs = [field(spec, 'podCIDR'), ...itemsAt(field(spec, 'podCIDRs'))].map(textAt);
  const podCidrs = [...new Set(cidrs.filter((cidr) => cidr !== undefined && cidr !== ''))] as string[];
  return (
    name && {
      type: 'node',
      name,
      addresses: addressesOf(addresses.map((at) => field(at, 'address'))),
      podCidrs,
    }
  );
}

const CONTROLLERS: ReadonlySet<string> = new Set([
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'ReplicaSet',
  'Job',
  'CronJob',
]);

function factsOf(root: Cursor, kind: string): LiveFacts | undefined {
  if (kind === 'Pod') return decodeLivePod(root);
  if (kind === 'Node') return decodeNode(root);
  if (kind === 'EndpointSlice') return decodeSlice(root);
  if (CONTROLLERS.has(kind)) return decodeController(root, kind);
  return { type: 'plain' };
}

function decodedOf(
  object: Readonly<Record<string, unknown>>,
  kind: string,
): { readonly decoded: DecodedObject | undefined; readonly issues: readonly ObjectIssue[] } {
  if (kind === 'Node' || kind === 'EndpointSlice') return { decoded: undefined, issues: [] };
  const [place] = decodeDocument(kind === 'NetworkPolicy' ? asWritten(object) : object);
  return { decoded: place?.object, issues: place?.issues ?? [] };
}

/**
 * Reads one object of a list or watch. Undefined when it has no valid name: such a thing can be neither put down nor
 * found again. Never throws; whatever else is malformed is an issue, and costs what the issue says.
 */
export function decodeLive(
  value: unknown,
  { apiVersion, kind, isNamespaced }: ObjectKind,
): LiveObject | undefined {
  if (!isRecord(value)) return undefined;
  const object = { ...value, apiVersion, kind };
  const root: Cursor = { value: object, path: [], issues: [] };
  const name = nameAt(root);
  const namespace = isNamespaced ? namespaceAt(root) : undefined;
  if (name === undefined || (isNamespaced && namespace === undefined)) return undefined;
  const facts = factsOf(root, kind);
  const uid = (textAt(deepField(root, 'metadata', 'uid')) ?? '').slice(0, MAX_TEXT);
  const { decoded, issues } = decodedOf(object, kind);
  return {
    kind,
    key: namespace === undefined ? name : `${namespace}/${name}`,
    uid,
    facts: facts ?? { type: 'plain' },
    decoded,
    issues,
  };
}

/** The key under which an object is kept, of one that may be no more than its name. */
export function keyOfLive(value: unknown, isNamespaced: boolean): string | undefined {
  const root: Cursor = { value, path: [], issues: [] };
  const name = parseObjectName(textAt(deepField(root, 'metadata', 'name')) ?? '');
  if (name === undefined) return undefined;
  const namespace = isNamespaced ? namespaceAt(root) : undefined;
  if (!isNamespaced) return name;
  return namespace === undefined ? undefined : `${namespace}/${name}`;
}
