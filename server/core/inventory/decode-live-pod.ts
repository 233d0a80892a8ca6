import { type EpochMs, parseInstant } from '#core/flow/time.ts';
import { type Cursor, deepField, field, itemsAt, textAt } from '#core/policy/cluster/cursor.ts';
import { decodePod } from '#core/policy/cluster/decode-pods.ts';
import type { LiveContainer, LivePod } from './live-object.ts';

/** A pod has a handful of containers; an object that says more is read no further. */
const MAX_CONTAINERS = 200;
const MAX_TEXT = 512;

const shortTextAt = (at: Cursor): string | undefined => textAt(at)?.slice(0, MAX_TEXT);

/** An instant, to the millisecond; undefined when there is none. */
export const instantAt = (at: Cursor): EpochMs | undefined => parseInstant(textAt(at) ?? '')?.ms;

const PROBES = ['readinessProbe', 'livenessProbe', 'startupProbe'] as const;
const PROBE_ACTIONS = ['httpGet', 'tcpSocket', 'grpc'] as const;

function probedPortsAt(container: Cursor): readonly (number | string)[] {
  const ports = new Set<number | string>();
  for (const probe of PROBES) {
    for (const action of PROBE_ACTIONS) {
      const { value } = deepField(container, probe, action, 'port');
      if (typeof value === 'number' || typeof value === 'string') ports.add(value);
    }
  }
  return [...ports];
}

const DIGEST = /sha256:[0-9a-f]{64}/;

/** `docker-pullable://nginx@sha256:…`, `nginx@sha256:…` or `sha256:…`, depending on the runtime. */
const digestAt = (status: Cursor | undefined): string | undefined =>
  status === undefined ? undefined : DIGEST.exec(textAt(field(status, 'imageID')) ?? '')?.[0];

function containersAt(spec: Cursor, statuses: readonly Cursor[]): readonly LiveContainer[] {
  const byName = new Map(statuses.map((at) => [textAt(field(at, 'name')), at]));
  return itemsAt(field(spec, 'containers'))
    .slice(0, MAX_CONTAINERS)
    .map((at) => {
      const name = shortTextAt(field(at, 'name')) ?? '';
      const image = shortTextAt(field(at, 'image')) ?? '';
      return { name, image, digest: digestAt(byName.get(name)), probedPorts: probedPortsAt(at) };
    });
}

/** When a condition became true; undefined while it is not. */
function trueSince(status: Cursor, condition: string): EpochMs | undefined {
  for (const at of itemsAt(field(status, 'conditions'))) {
    if (textAt(field(at, 'type')) !== condition) continue;
    return textAt(field(at, 'status')) === 'True' ? instantAt(field(at, 'lastTransitionTime')) : undefined;
  }
  return undefined;
}

const earliest = (times: readonly (EpochMs | undefined)[]): EpochMs | undefined =>
  times.reduce(
    (first, at) => (at === undefined || (first !== undefined && first <= at) ? first : at),
    undefined,
  );

const latest = (times: readonly (EpochMs | undefined)[]): EpochMs | undefined =>
  times.reduce((last, at) => (at === undefined || (last !== undefined && last >= at) ? last : at), undefined);

/** A container that was restarted says when its latest run began, which is no news about the pod. */
function firstStartAt(status: Cursor): EpochMs | undefined {
  if (field(status, 'restartCount').value !== 0) return undefined;
  const state = deepField(status, 'state');
  return earliest(['running', 'terminated'].map((phase) => instantAt(deepField(state, phase, 'startedAt'))));
}

const isFresh = (status: Cursor): boolean => field(status, 'restartCount').value === 0;

/**
 * From when the pod has its addresses. Best is the kubelet's word that the sandbox is ready (since 1.29); else the
 * start of the first container, which comes after it; else the kubelet's first look at the pod, or its making, which
 * come before.
 * The API server writes whole seconds, rounded down.
 */
function ownFrom(root: Cursor, statuses: readonly Cursor[]): LivePod['from'] {
  const status = deepField(root, 'status');
  const ready = trueSince(status, 'PodReadyToStartContainers');
  if (ready !== undefined) return { at: ready, isExact: true };
  const started =
    statuses.length > 0 && statuses.every(isFresh) ? earliest(statuses.map(firstStartAt)) : undefined;
  if (started !== undefined) return { at: started, isExact: true };
  const first =
    instantAt(field(status, 'startTime')) ?? instantAt(deepField(root, 'metadata', 'creationTimestamp'));
  return first === undefined ? undefined : { at: first, isExact: false };
}

/** The kubelet writes whole seconds, rounded down: the pod may have lived to the end of that second. */
const SECOND_MS = 1000;

function endedAt(statuses: readonly Cursor[]): EpochMs | undefined {
  const ends = statuses.map((at) => instantAt(deepField(at, 'state', 'terminated', 'finishedAt')));
  const last = latest(ends);
  return last === undefined ? undefined : last + SECOND_MS;
}

/** Mirror pods carry the hash of the file they were made from. */
const MIRROR = 'kubernetes.io/config.mirror';

/** What the API server knows of a pod; undefined when its name or its shape is not valid. */
export function decodeLivePod(root: Cursor): LivePod | undefined {
  const pod = decodePod(root);
  if (pod === undefined) return undefined;
  const spec = deepField(root, 'spec');
  const status = deepField(root, 'status');
  const main = itemsAt(field(status, 'containerStatuses')).slice(0, MAX_CONTAINERS);
  const before = itemsAt(field(status, 'initContainerStatuses')).slice(0, MAX_CONTAINERS);
  const { namespace, name, owner, labels, ips, hostNetwork, node, phase } = pod;
  const hasEnded = phase === 'Succeeded' || phase === 'Failed';
  return {
    type: 'pod',
    namespace,
    name,
    owner,
    labels: new Map(labels),
    ips,
    hostNetwork,
    isStatic: textAt(deepField(root, 'metadata', 'annotations', MIRROR)) !== undefined,
    node,
    serviceAccount: shortTextAt(field(spec, 'serviceAccountName')),
    containers: containersAt(spec, main),
    from: ownFrom(root, [...before, ...main]),
    endedAt: hasEnded ? endedAt([...before, ...main]) : undefined,
    hasEnded,
  };
}
