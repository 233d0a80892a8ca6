import { parseObjectName } from '#core/identity/names.ts';
import { formatIp, parseIp } from '#core/net/ip.ts';
import { type Cursor, countAt, deepField, field, itemsAt, textAt } from '#core/policy/cluster/cursor.ts';
import { nameAt, namespaceAt, ownerAt } from '#core/policy/cluster/decode-metadata.ts';
import { protocolAt } from '#core/policy/cluster/decode-pods.ts';
import type { LiveController, LiveSlice, SlicePort } from './live-object.ts';

const MAX_IMAGES = 100;
/** The API server takes 1000 endpoints and 100 ports in a slice, and no more. */
const MAX_ENDPOINTS = 1000;
const MAX_PORTS = 100;
const MAX_TEXT = 512;

const isFilled = (text: string | undefined): text is string => text !== undefined && text !== '';

/** A controller of pods. */
export function decodeController(root: Cursor, kind: string): LiveController | undefined {
  const [name, namespace] = [nameAt(root), namespaceAt(root)];
  const path = kind === 'CronJob' ? ['jobTemplate', 'spec', 'template'] : ['template'];
  const containers = itemsAt(deepField(root, 'spec', ...path, 'spec', 'containers')).slice(0, MAX_IMAGES);
  const facts = {
    owner: ownerAt(root),
    replicas: countAt(deepField(root, 'spec', 'replicas')),
    images: containers.map((at) => textAt(field(at, 'image'))?.slice(0, MAX_TEXT) ?? ''),
    schedule: textAt(deepField(root, 'spec', 'schedule'))?.slice(0, MAX_TEXT),
  };
  return name && namespace && { type: 'controller', kind, namespace, name, ...facts };
}

function slicePortAt(at: Cursor): SlicePort | undefined {
  const protocol = protocolAt(field(at, 'protocol'));
  const port = countAt(field(at, 'port'));
  if (protocol === undefined || port === undefined || port === 0) return undefined;
  return { name: textAt(field(at, 'name')) ?? '', protocol, port };
}

function endpointsAt(root: Cursor): LiveSlice['endpoints'] {
  return itemsAt(field(root, 'endpoints'))
    .slice(0, MAX_ENDPOINTS)
    .flatMap((at) => {
      const target = deepField(at, 'targetRef');
      const isPod = textAt(field(target, 'kind')) === 'Pod';
      const [namespace, name] = [textAt(field(target, 'namespace')), textAt(field(target, 'name'))];
      const pod = isPod && isFilled(namespace) && isFilled(name) ? `${namespace}/${name}` : undefined;
      const ips = itemsAt(field(at, 'addresses')).map((each) => parseIp(textAt(each) ?? ''));
      return ips.filter((ip) => ip !== undefined).map((ip) => ({ ip: formatIp(ip), pod }));
    });
}

/** An EndpointSlice of addresses; one of names (`addressType: FQDN`) has no endpoints here. */
export function decodeSlice(root: Cursor): LiveSlice | undefined {
  const [name, namespace] = [nameAt(root), namespaceAt(root)];
  const service = parseObjectName(
    textAt(deepField(root, 'metadata', 'labels', 'kubernetes.io/service-name')) ?? '',
  );
  const ports = itemsAt(field(root, 'ports')).slice(0, MAX_PORTS).map(slicePortAt);
  const facts = { service, ports: ports.filter((port) => port !== undefined), endpoints: endpointsAt(root) };
  return name && namespace && { type: 'slice', namespace, name, ...facts };
}
