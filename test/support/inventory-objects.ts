import { decodeLive, type ObjectKind } from '#core/inventory/decode-live.ts';
import type { LiveObject } from '#core/inventory/live-object.ts';

type Json = Readonly<Record<string, unknown>>;

/** Kinds of objects by their names. */
export const KINDS: Readonly<Record<string, ObjectKind>> = {
  Pod: { apiVersion: 'v1', kind: 'Pod', isNamespaced: true },
  Node: { apiVersion: 'v1', kind: 'Node', isNamespaced: false },
  Namespace: { apiVersion: 'v1', kind: 'Namespace', isNamespaced: false },
  Service: { apiVersion: 'v1', kind: 'Service', isNamespaced: true },
  EndpointSlice: { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', isNamespaced: true },
  ReplicaSet: { apiVersion: 'apps/v1', kind: 'ReplicaSet', isNamespaced: true },
  Deployment: { apiVersion: 'apps/v1', kind: 'Deployment', isNamespaced: true },
  CronJob: { apiVersion: 'batch/v1', kind: 'CronJob', isNamespaced: true },
  NetworkPolicy: { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', isNamespaced: true },
};

/** An object as a list or watch would hand it on. Throws when it has no valid name. */
export function live(kind: string, object: Json): LiveObject {
  const known = KINDS[kind];
  const decoded = known && decodeLive(object, known);
  if (decoded === undefined) throw new Error(`no valid ${kind}`);
  return decoded;
}

const instant = (ms: number): string => new Date(ms).toISOString();

export interface PodWish {
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly ip?: string;
  /** When its network was ready, in ms. */
  readonly from?: number;
  /** When it ended by itself. */
  readonly endedAt?: number;
  readonly owner?: { readonly kind: string; readonly name: string };
  readonly labels?: Readonly<Record<string, string>>;
  readonly hostNetwork?: boolean;
}

/** A pod as the API server writes it. */
export function podJson(wish: PodWish): Json {
  const {
    name,
    namespace = 'shop',
    uid = `uid-${name}`,
    ip,
    from,
    endedAt,
    owner,
    labels,
    hostNetwork,
  } = wish;
  const started = from === undefined ? undefined : instant(from);
  const ready = { type: 'PodReadyToStartContainers', status: 'True', lastTransitionTime: started };
  const finished = endedAt === undefined ? undefined : instant(endedAt);
  const state =
    finished === undefined ? { running: { startedAt: started } } : { terminated: { finishedAt: finished } };
  return {
    metadata: {
      name,
      namespace,
      uid,
      labels: labels ?? { app: name },
      ...(owner === undefined ? {} : { ownerReferences: [{ ...owner, controller: true }] }),
    },
    spec: {
      serviceAccountName: 'shopkeeper',
      nodeName: 'node-1',
      ...(hostNetwork === true ? { hostNetwork } : {}),
      containers: [
        {
          name: 'main',
          image: 'registry.example/cart:1.2',
          ports: [{ name: 'http', containerPort: 8080 }],
          readinessProbe: { httpGet: { port: 'http', path: '/ready' } },
          livenessProbe: { tcpSocket: { port: 8081 } },
        },
      ],
    },
    status: {
      phase: finished === undefined ? 'Running' : 'Succeeded',
      ...(ip === undefined ? {} : { podIP: ip, podIPs: [{ ip }] }),
      ...(started === undefined ? {} : { startTime: started, conditions: [ready] }),
      containerStatuses: [
        {
          name: 'main',
          restartCount: 0,
          imageID: `registry.example/cart@sha256:${'ab'.repeat(32)}`,
          state,
        },
      ],
    },
  };
}

export const pod = (wish: PodWish): LiveObject => live('Pod', podJson(wish));

/** A ReplicaSet of a Deployment. */
export const replicaSet = (name: string, deployment: string, namespace = 'shop'): LiveObject =>
  live('ReplicaSet', {
    metadata: {
      name,
      namespace,
      uid: `uid-rs-${name}`,
      ownerReferences: [{ kind: 'Deployment', name: deployment, controller: true }],
    },
    spec: {
      replicas: 1,
      template: { spec: { containers: [{ name: 'main', image: 'registry.example/cart:1.2' }] } },
    },
  });

export interface DeploymentWish {
  readonly name: string;
  readonly image?: string;
  readonly replicas?: number;
}

export const deployment = ({ name, image = 'cart:1', replicas = 1 }: DeploymentWish): LiveObject =>
  live('Deployment', {
    metadata: { name, namespace: 'shop', uid: `uid-${name}` },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'main', image }] } },
    },
  });
