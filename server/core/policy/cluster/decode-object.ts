import { parseNamespaceName } from '#core/identity/names.ts';
import { type Cursor, deepField, field, isObjectAt, itemsAt, report, textAt } from './cursor.ts';
import { labelsAt, nameAt } from './decode-metadata.ts';
import { decodeIngress, decodePolicy, decodeService } from './decode-network.ts';
import { decodePod, decodeWorkload } from './decode-pods.ts';
import type { DecodedObject } from './decoded-object.ts';
import { type FieldPath, fieldText, type ObjectIssue } from './manifest-problem.ts';

/** An object of a document, where in it, and what is wrong with it. */
export interface DecodedPlace {
  /** Undefined when a fault costs the whole object. */
  readonly object: DecodedObject | undefined;
  /** Empty for the document itself, `['items', 3]` for an item of a list. */
  readonly path: FieldPath;
  readonly issues: readonly ObjectIssue[];
}

function decodeNamespace(root: Cursor): DecodedObject | undefined {
  const text = nameAt(root);
  const labels = labelsAt(deepField(root, 'metadata', 'labels'));
  if (text === undefined) return undefined;
  const name = parseNamespaceName(text);
  if (name === undefined) report(deepField(root, 'metadata', 'name'), 'namespace_invalid');
  return name && { type: 'namespace', name, labels };
}

type Decoder = (root: Cursor, kind: string) => DecodedObject | undefined;

/** API groups under which a kind is ours; the same kind of another group is another thing. */
interface KindEntry {
  readonly groups: readonly string[];
  readonly decode: Decoder;
}

const APPS = { groups: ['apps', 'extensions'], decode: decodeWorkload };
const BATCH = { groups: ['batch'], decode: decodeWorkload };

const KINDS: ReadonlyMap<string, KindEntry> = new Map<string, KindEntry>([
  ['Namespace', { groups: [''], decode: decodeNamespace }],
  ['Pod', { groups: [''], decode: decodePod }],
  ['ReplicationController', { groups: [''], decode: decodeWorkload }],
  ['Deployment', APPS],
  ['StatefulSet', APPS],
  ['DaemonSet', APPS],
  ['ReplicaSet', APPS],
  ['Job', BATCH],
  ['CronJob', BATCH],
  ['Service', { groups: [''], decode: decodeService }],
  ['Ingress', { groups: ['networking.k8s.io', 'extensions'], decode: decodeIngress }],
  ['NetworkPolicy', { groups: ['networking.k8s.io', 'extensions'], decode: decodePolicy }],
]);

const groupOf = (apiVersion: string): string => {
  const slash = apiVersion.indexOf('/');
  return slash === -1 ? '' : apiVersion.slice(0, slash);
};

/** Lists may hold lists, as `kubectl get` once wrote them; nobody needs a third. */
const DEEPEST_LIST = 2;

interface Header {
  readonly apiVersion: string;
  readonly kind: string;
}

/** What an item of a typed list (`PodList`) may leave unsaid. */
type Implied = Header | undefined;

function headerAt(root: Cursor, implied: Implied): Header | undefined {
  if (!isObjectAt(root)) {
    if (root.value === undefined || root.value === null) report(root, 'not_an_object');
    return undefined;
  }
  const kind = textAt(field(root, 'kind')) ?? implied?.kind;
  const apiVersion = textAt(field(root, 'apiVersion')) ?? implied?.apiVersion;
  if (root.issues.length > 0) return undefined;
  if (kind === undefined || kind === '') report(field(root, 'kind'), 'kind_missing');
  else if (apiVersion === undefined || apiVersion === '')
    report(field(root, 'apiVersion'), 'api_version_missing');
  else return { kind, apiVersion };
  return undefined;
}

const isList = (root: Cursor, { kind }: Header): boolean =>
  kind.endsWith('List') && field(root, 'items').value !== undefined;

/** One line a fault, however many readers met it. */
function distinct(issues: readonly ObjectIssue[]): readonly ObjectIssue[] {
  return [...new Map(issues.map((issue) => [`${issue.fault} ${fieldText(issue.path)}`, issue])).values()];
}

const costsObject = ({ leftOut }: ObjectIssue): boolean => leftOut === 'object';

/** The objects of one document: itself, or the items of a list. Never throws, whatever the data. */
export function decodeDocument(value: unknown): readonly DecodedPlace[] {
  return decodeAt({ value, path: [], issues: [] }, undefined, 0);
}

function decodeAt(root: Cursor, implied: Implied, depth: number): readonly DecodedPlace[] {
  const header = headerAt(root, implied);
  if (header !== undefined && isList(root, header)) return decodeList(root, header, depth);
  const decoded = header && decodeOne(root, header);
  const issues = distinct(root.issues);
  const object = issues.some(costsObject) ? undefined : decoded;
  return [{ object, path: root.path, issues }];
}

function decodeOne(root: Cursor, { kind, apiVersion }: Header): DecodedObject | undefined {
  const entry = KINDS.get(kind);
  if (entry?.groups.includes(groupOf(apiVersion))) return entry.decode(root, kind);
  return { type: 'other', apiVersion, kind };
}

function decodeList(root: Cursor, { kind, apiVersion }: Header, depth: number): readonly DecodedPlace[] {
  if (depth >= DEEPEST_LIST) {
    report(root, 'lists_too_deep');
    return [{ object: undefined, path: root.path, issues: root.issues }];
  }
  const items = itemsAt(field(root, 'items'));
  const implied = kind === 'List' ? undefined : { kind: kind.slice(0, -'List'.length), apiVersion };
  const places = items.flatMap((item) => decodeAt({ ...item, issues: [] }, implied, depth + 1));
  const own = distinct(root.issues);
  return own.length === 0 ? places : [{ object: undefined, path: root.path, issues: own }, ...places];
}
