import { isIP } from 'node:net';
import { badRequest, type Cause, invalid, type Reply } from './status.ts';
import type { Json } from './store.ts';

/** Which API server is played: they differ in what they check. */
export type Release = '1.20' | '1.36';

const isRecord = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const SHAPE = {
  policy: ['apiVersion', 'kind', 'metadata', 'spec'],
  spec: ['podSelector', 'policyTypes', 'ingress', 'egress'],
  rule: { ingress: ['from', 'ports'], egress: ['to', 'ports'] },
  peer: ['podSelector', 'namespaceSelector', 'ipBlock'],
  port: ['protocol', 'port', 'endPort'],
  block: ['cidr', 'except'],
  selector: ['matchLabels', 'matchExpressions'],
} as const;

interface Walk {
  readonly unknown: string[];
  readonly causes: Cause[];
}

/** Keeps the fields that are known, and writes the others down. */
function kept(value: unknown, fields: readonly string[], at: string, walk: Walk): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const [key, each] of Object.entries(isRecord(value) ? value : {})) {
    if (fields.includes(key)) found[key] = each;
    else walk.unknown.push(at === '' ? key : `${at}.${key}`);
  }
  return found;
}

const VALUE = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;
const NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

const BAD_VALUE =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const BAD_NAME =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

const bad = (field: string, value: unknown, why: string): Cause => ({
  reason: 'FieldValueInvalid',
  message: `Invalid value: ${JSON.stringify(value)}: ${why}`,
  field,
});

function selector(value: unknown, at: string, walk: Walk): Json {
  const found = kept(value, SHAPE.selector, at, walk);
  const labels = isRecord(found['matchLabels']) ? found['matchLabels'] : {};
  for (const each of Object.values(labels)) {
    if (typeof each === 'string' && !VALUE.test(each))
      walk.causes.push(bad(`${at}.matchLabels`, each, BAD_VALUE));
  }
  return found;
}

const PROTOCOLS = ['TCP', 'UDP', 'SCTP'];

function port(value: unknown, at: string, { walk, release }: { walk: Walk; release: Release }): Json {
  const fields = release === '1.20' ? SHAPE.port.filter((each) => each !== 'endPort') : SHAPE.port;
  const found = kept(value, fields, at, walk);
  const { protocol = 'TCP', port: number, endPort } = found;
  if (!PROTOCOLS.includes(String(protocol))) {
    const supported = PROTOCOLS.map((each) => `"${each}"`).join(', ');
    const message = `Unsupported value: ${JSON.stringify(protocol)}: supported values: ${supported}`;
    walk.causes.push({ reason: 'FieldValueNotSupported', message, field: `${at}.protocol` });
  }
  if (typeof number === 'number' && (number < 1 || number > 65_535))
    walk.causes.push(bad(`${at}.port`, number, 'must be between 1 and 65535, inclusive'));
  if (typeof endPort === 'number' && typeof number === 'number' && endPort < number)
    walk.causes.push(bad(`${at}.endPort`, number, 'must be greater than or equal to `port`'));
  return { protocol, ...found };
}

const bitsOf = (cidr: string): number => Number(cidr.split('/')[1]);
const isCidr = (value: unknown): value is string =>
  typeof value === 'string' && isIP(value.split('/')[0] ?? '') !== 0 && Number.isInteger(bitsOf(value));

const numberOf = (cidr: string): number =>
  (cidr.split('/')[0] ?? '').split('.').reduce((sum, part) => sum * 256 + Number(part), 0);

/** Of IPv4 blocks; nobody asks about others here. */
function isInside(inner: string, outer: string): boolean {
  const size = 2 ** (32 - bitsOf(outer));
  return (
    bitsOf(inner) > bitsOf(outer) && Math.floor(numberOf(inner) / size) === Math.floor(numberOf(outer) / size)
  );
}

const NO_CIDR = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)';

function block(value: unknown, at: string, walk: Walk): void {
  const { cidr, except } = kept(value, SHAPE.block, at, walk);
  if (!isCidr(cidr)) {
    walk.causes.push(bad(`${at}.cidr`, cidr, NO_CIDR));
    return;
  }
  for (const [index, each] of listOf(except).entries()) {
    if (!isCidr(each)) walk.causes.push(bad(`${at}.except[${index}]`, each, NO_CIDR));
    else if (!isInside(each, cidr))
      walk.causes.push(bad(`${at}.except[${index}]`, each, 'must be a strict subset of `cidr`'));
  }
}

function peer(value: unknown, at: string, walk: Walk): Json {
  const found = kept(value, SHAPE.peer, at, walk);
  const keys = Object.keys(found);
  if (keys.length === 0)
    walk.causes.push({
      reason: 'FieldValueRequired',
      message: 'Required value: must specify a peer',
      field: at,
    });
  if (keys.includes('ipBlock') && keys.length > 1) {
    const message = 'Forbidden: may not specify both ipBlock and another peer';
    walk.causes.push({ reason: 'FieldValueForbidden', message, field: at });
  }
  for (const key of ['podSelector', 'namespaceSelector'])
    if (key in found) selector(found[key], `${at}.${key}`, walk);
  if ('ipBlock' in found) block(found['ipBlock'], `${at}.ipBlock`, walk);
  return found;
}

function rules(
  value: unknown,
  direction: 'ingress' | 'egress',
  { walk, release }: { walk: Walk; release: Release },
): readonly Json[] {
  const side = direction === 'ingress' ? 'from' : 'to';
  return listOf(value).map((rule, index) => {
    const at = `spec.${direction}[${index}]`;
    const found = kept(rule, SHAPE.rule[direction], at, walk);
    const ports = listOf(found['ports']).map((each, i) => port(each, `${at}.ports[${i}]`, { walk, release }));
    const peers = listOf(found[side]).map((each, i) => peer(each, `${at}.${side}[${i}]`, walk));
    return {
      ...found,
      ...(ports.length > 0 ? { ports } : {}),
      ...(peers.length > 0 ? { [side]: peers } : {}),
    };
  });
}

const isListOrNull = (value: unknown): boolean => Array.isArray(value) || value === null;

/** A policy as it would be stored, and what a server says about it. */
export interface Admission {
  readonly policy: Json;
  readonly unknown: readonly string[];
  /** Why it is not valid; looked at after what is unknown. */
  readonly refused: Reply | undefined;
}

/** A policy as it would be stored, or the reply to one whose fields are of the wrong type. */
export function admitPolicy(object: Json, release: Release): Admission | Reply {
  const walk: Walk = { unknown: [], causes: [] };
  const root = kept(object, SHAPE.policy, '', walk);
  const spec = kept(root['spec'], SHAPE.spec, 'spec', walk);
  for (const direction of ['ingress', 'egress'] as const) {
    if (!(direction in spec)) continue;
    if (!isListOrNull(spec[direction])) return wrongType(direction);
    spec[direction] = rules(spec[direction], direction, { walk, release });
  }
  selector(spec['podSelector'], 'spec.podSelector', walk);
  const egress = listOf(spec['egress']).length > 0 ? ['Egress'] : [];
  spec['policyTypes'] ??= ['Ingress', ...egress];
  const metadata = isRecord(root['metadata']) ? root['metadata'] : {};
  const name = String(metadata['name'] ?? '');
  if (!NAME.test(name)) walk.causes.unshift(bad('metadata.name', name, BAD_NAME));
  const group = release === '1.20' ? 'extensions' : 'networking.k8s.io';
  const refused =
    walk.causes.length === 0 ? undefined : invalid({ group, kind: 'NetworkPolicy', name }, walk.causes);
  return { policy: { ...root, metadata, spec }, unknown: walk.unknown, refused };
}

const wrongType = (direction: string): Reply =>
  badRequest(
    `NetworkPolicy in version "v1" cannot be handled as a NetworkPolicy: json: cannot unmarshal string into Go struct field NetworkPolicySpec.spec.${direction} of type []v1.NetworkPolicy${direction === 'ingress' ? 'Ingress' : 'Egress'}Rule`,
  );
