import { parseObjectName } from '#core/identity/names.ts';
import { formatIp, parseIp } from '#core/net/ip.ts';
import { policyProblems } from '../literal/problems.ts';
import type { NetworkPolicy } from '../network-policy.ts';
import type { IngressBackend, ServicePort } from './cluster-model.ts';
import {
  type Cursor,
  countAt,
  deepField,
  field,
  isAbsent,
  isObjectAt,
  itemsAt,
  portAt,
  report,
  textAt,
} from './cursor.ts';
import { labelsAt, nameAt, namespaceAt } from './decode-metadata.ts';
import { protocolAt } from './decode-pods.ts';
import type { DecodedObject } from './decoded-object.ts';
import { fieldText, parseFieldText } from './manifest-problem.ts';

type Decoded<Type extends DecodedObject['type']> = Extract<DecodedObject, { type: Type }> | undefined;

const SERVICE_TYPES = ['ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName'] as const;

/** A port by number, or by a name of at most 15 characters. */
function portOrNameAt(at: Cursor): number | string | undefined {
  if (typeof at.value !== 'string') return portAt(at);
  if (/^[a-z0-9](?:[a-z0-9-]{0,13}[a-z0-9])?$/.test(at.value)) return at.value;
  report(at, 'port_invalid');
  return undefined;
}

function servicePortAt(at: Cursor): ServicePort | undefined {
  const portField = field(at, 'port');
  const port = portAt(portField);
  if (isAbsent(portField)) report(portField, 'port_missing');
  const protocol = protocolAt(field(at, 'protocol'));
  const target = field(at, 'targetPort');
  // The API server reads 0 and an empty text as "the same port".
  const targetPort = target.value === 0 || target.value === '' ? undefined : portOrNameAt(target);
  const nodePort = countAt(field(at, 'nodePort'));
  if (port === undefined || protocol === undefined) return undefined;
  const name = textAt(field(at, 'name'));
  return { name, protocol, port, targetPort: targetPort ?? port, nodePort: nodePort || undefined };
}

function addressesAt(fields: readonly Cursor[]): readonly string[] {
  const ips = new Set<string>();
  for (const at of fields) {
    const text = textAt(at);
    if (text === undefined || text === '' || text === 'None') continue;
    const ip = parseIp(text);
    if (ip === undefined) report(at, 'address_invalid', { leftOut: 'field' });
    else ips.add(formatIp(ip));
  }
  return [...ips];
}

const clusterIpsAt = (spec: Cursor): readonly string[] =>
  addressesAt([field(spec, 'clusterIP'), ...itemsAt(field(spec, 'clusterIPs'))]);

/** Blocks as the API server takes them, spaces around them too. */
function sourceRangesAt(spec: Cursor): readonly string[] {
  return itemsAt(field(spec, 'loadBalancerSourceRanges')).flatMap((at) => {
    const text = textAt(at)?.trim();
    if (text === undefined) return [];
    if (/^[^/]+\/\d{1,3}$/.test(text) && parseIp(text.replace(/\/.*$/, '')) !== undefined) return [text];
    report(at, 'address_invalid', { leftOut: 'field' });
    return [];
  });
}

/** A Service. */
export function decodeService(root: Cursor): Decoded<'service'> {
  const [name, namespace] = [nameAt(root), namespaceAt(root)];
  const spec = deepField(root, 'spec');
  const typeText = textAt(deepField(root, 'spec', 'type')) ?? 'ClusterIP';
  const type = SERVICE_TYPES.find((each) => each === typeText);
  if (type === undefined) report(field(spec, 'type'), 'service_type_unknown');
  const labels = labelsAt(field(spec, 'selector'));
  const keepsClients = textAt(field(spec, 'externalTrafficPolicy')) === 'Local';
  const facts = {
    selector: labels.length === 0 ? undefined : labels,
    ports: itemsAt(field(spec, 'ports'))
      .map(servicePortAt)
      .filter((port) => port !== undefined),
    clusterIps: clusterIpsAt(spec),
    externalName: textAt(field(spec, 'externalName')),
    externalTrafficPolicy: keepsClients ? ('Local' as const) : ('Cluster' as const),
    externalIps: addressesAt(itemsAt(field(spec, 'externalIPs'))),
    loadBalancerSourceRanges: sourceRangesAt(spec),
  };
  return name && namespace && type && { type: 'service', service: { namespace, name, type, ...facts } };
}

/** Both spellings: `service: {name, port: {number | name}}`, and `serviceName` and `servicePort` of old. */
function backendAt(
  at: Cursor,
  rule: { readonly host?: string | undefined; readonly path?: string | undefined },
): IngressBackend | undefined {
  const service = field(at, 'service');
  const isNew = isObjectAt(service);
  const nameField = isNew ? field(service, 'name') : field(at, 'serviceName');
  const text = textAt(nameField);
  if (text === undefined) return undefined;
  const name = parseObjectName(text);
  if (name === undefined) {
    report(nameField, 'name_invalid', { leftOut: 'field' });
    return undefined;
  }
  const port = isNew ? field(service, 'port') : field(at, 'servicePort');
  const given = isNew ? [field(port, 'number'), field(port, 'name')] : [port];
  const ports = given.filter((each) => !isAbsent(each)).map(portOrNameAt);
  return { host: rule.host, path: rule.path, service: name, port: ports[0] };
}

function ruleBackends(rule: Cursor): readonly (IngressBackend | undefined)[] {
  const host = textAt(field(rule, 'host'));
  return itemsAt(deepField(rule, 'http', 'paths')).map((path) =>
    backendAt(deepField(path, 'backend'), { host, path: textAt(field(path, 'path')) }),
  );
}

/** An Ingress. A backend that is no Service (a storage bucket, say) is passed over. */
export function decodeIngress(root: Cursor): Decoded<'ingress'> {
  const [name, namespace] = [nameAt(root), namespaceAt(root)];
  const spec = deepField(root, 'spec');
  const fallback = ['defaultBackend', 'backend'].map((key) => backendAt(deepField(spec, key), {}));
  const backends = [...fallback, ...itemsAt(field(spec, 'rules')).flatMap(ruleBackends)];
  const facts = {
    className: textAt(field(spec, 'ingressClassName')),
    backends: backends.filter((backend) => backend !== undefined),
  };
  return name && namespace && { type: 'ingress', ingress: { namespace, name, ...facts } };
}

/**
 * A NetworkPolicy. Pieces that the API server would refuse stay in: the judge reads each in its strictest sense, and
 * leaving the policy out would open what it isolates. Only one that names nobody and says nothing is left out.
 */
export function decodePolicy(root: Cursor): Decoded<'policy'> {
  const namespace = namespaceAt(root);
  const nameField = deepField(root, 'metadata', 'name');
  const name = textAt(nameField);
  const spec = field(root, 'spec');
  if (isAbsent(nameField)) report(nameField, 'name_missing');
  else if (name !== undefined && parseObjectName(name) === undefined)
    report(nameField, 'name_invalid', { leftOut: 'nothing' });
  if (!isObjectAt(spec) && isAbsent(spec)) report(spec, 'not_an_object');
  if (name === undefined || namespace === undefined || !isObjectAt(spec)) return undefined;
  const written = root.value as NetworkPolicy; // the judge takes nothing of it for granted
  for (const problem of policyProblems(written)) {
    const path = [...root.path, ...parseFieldText(problem.path)];
    if (!root.issues.some((issue) => fieldText(issue.path) === fieldText(path)))
      root.issues.push({ path, fault: problem.fault, leftOut: 'nothing' });
  }
  const metadata = { ...written.metadata, namespace };
  return { type: 'policy', namespace, name, policy: { ...written, metadata } };
}
