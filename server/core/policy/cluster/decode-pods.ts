import { isLabelKey } from '#core/identity/names.ts';
import { formatIp, parseIp } from '#core/net/ip.ts';
import { sortedText } from '#core/order.ts';
import type { PolicyProtocol } from '../world.ts';
import type { ContainerPort } from './cluster-model.ts';
import {
  type Cursor,
  countAt,
  deepField,
  entriesAt,
  field,
  isAbsent,
  itemsAt,
  portAt,
  report,
  textAt,
  truthAt,
} from './cursor.ts';
import { labelsAt, nameAt, namespaceAt, ownerAt } from './decode-metadata.ts';
import type { DecodedPod, DecodedWorkload, PodTemplate } from './decoded-object.ts';

/** TCP, UDP or SCTP; TCP when it says nothing, undefined when it says something else. */
export function protocolAt(at: Cursor): PolicyProtocol | undefined {
  const text = textAt(at) ?? 'TCP';
  if (text === 'TCP' || text === 'UDP' || text === 'SCTP') return text;
  report(at, 'protocol_unknown', { leftOut: 'field' });
  return undefined;
}

function containerPortAt(at: Cursor): ContainerPort | undefined {
  const portField = field(at, 'containerPort');
  const port = portAt(portField);
  if (isAbsent(portField)) report(portField, 'port_missing', { leftOut: 'field' });
  const hostPort = countAt(field(at, 'hostPort'));
  const protocol = protocolAt(field(at, 'protocol'));
  const name = textAt(field(at, 'name'));
  if (port === undefined || protocol === undefined) return undefined;
  return { name, protocol, port, hostPort: hostPort === 0 ? undefined : hostPort };
}

/** Containers that run as long as the pod does: the usual ones, and those init containers that are restarted. */
function containersAt(spec: Cursor): readonly Cursor[] {
  const sidecars = itemsAt(field(spec, 'initContainers')).filter(
    (at) => field(at, 'restartPolicy').value === 'Always',
  );
  return [...itemsAt(field(spec, 'containers')), ...sidecars];
}

/** What stands both in a pod and in a controller's template. */
function templateAt(root: Cursor): PodTemplate {
  const spec = deepField(root, 'spec');
  return {
    labels: labelsAt(deepField(root, 'metadata', 'labels')),
    hostNetwork: truthAt(deepField(root, 'spec', 'hostNetwork')),
    ports: containersAt(spec)
      .flatMap((container) => itemsAt(deepField(container, 'ports')))
      .map(containerPortAt)
      .filter((port) => port !== undefined),
  };
}

function addressesAt(status: Cursor): readonly string[] {
  const listed = itemsAt(field(status, 'podIPs')).map((at) => field(at, 'ip'));
  const ips = new Set<string>();
  for (const at of [field(status, 'podIP'), ...listed]) {
    const text = textAt(at);
    if (text === undefined || text === '') continue;
    const ip = parseIp(text);
    if (ip === undefined) report(at, 'address_invalid', { leftOut: 'field' });
    else ips.add(formatIp(ip));
  }
  return [...ips];
}

/** A Pod. */
export function decodePod(root: Cursor): DecodedPod | undefined {
  const [name, namespace] = [nameAt(root), namespaceAt(root)];
  const template = templateAt(root);
  const owner = ownerAt(root);
  const status = deepField(root, 'status');
  const node = textAt(deepField(root, 'spec', 'nodeName'));
  const found = { ips: addressesAt(status), node, phase: textAt(deepField(root, 'status', 'phase')) };
  return name && namespace && { type: 'pod', namespace, name, owner, ...template, ...found };
}

/** Where each kind of controller keeps its template. */
const TEMPLATE_PATHS: Readonly<Record<string, readonly string[]>> = {
  Deployment: ['spec', 'template'],
  StatefulSet: ['spec', 'template'],
  DaemonSet: ['spec', 'template'],
  ReplicaSet: ['spec', 'template'],
  ReplicationController: ['spec', 'template'],
  Job: ['spec', 'template'],
  CronJob: ['spec', 'jobTemplate', 'spec', 'template'],
};

/** The keys of a label selector; a ReplicationController's is a plain set of labels. */
function selectorKeysAt(selector: Cursor): readonly string[] {
  const labels = field(selector, 'matchLabels');
  const listed = field(selector, 'matchExpressions');
  const plain = isAbsent(labels) && isAbsent(listed) ? entriesAt(selector) : entriesAt(labels);
  const expressed = itemsAt(listed).map((at) => textAt(field(at, 'key')));
  const keys = [...plain.map(([key]) => key), ...expressed.filter((key) => key !== undefined)];
  return sortedText(new Set(keys.filter(isLabelKey)));
}

/** A controller of pods; `kind` is one of Deployment, StatefulSet, DaemonSet, ReplicaSet, Job and so on. */
export function decodeWorkload(root: Cursor, kind: string): DecodedWorkload | undefined {
  const [name, namespace] = [nameAt(root), namespaceAt(root)];
  const template = deepField(root, ...(TEMPLATE_PATHS[kind] ?? ['spec', 'template']));
  if (isAbsent(template)) report(template, 'not_an_object');
  const facts = {
    owner: ownerAt(root),
    replicas: countAt(deepField(root, 'spec', 'replicas')),
    selectorKeys: selectorKeysAt(deepField(root, 'spec', 'selector')),
    firstOrdinal: countAt(deepField(root, 'spec', 'ordinals', 'start')) ?? 0,
    template: templateAt(template),
  };
  return name && namespace && { type: 'workload', namespace, kind, name, ...facts };
}
