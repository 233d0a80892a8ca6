import { type ObjectName, parseObjectName } from './names.ts';

/** The controller of a pod: its kind, its name, and whether a source said so or the pod's name suggests it. */
export interface Owner {
  readonly kind: string;
  readonly name: ObjectName;
  readonly isReported: boolean;
}

/** The alphabet of generated suffixes (k8s.io/apimachinery/pkg/util/rand): no vowels, no 0, 1 or 3. */
const SAFE = '[bcdfghjklmnpqrstvwxz2456789]';
const REPLICA_SET = new RegExp(`^(.+)-(?:${SAFE}{6,10}|\\d{8,10})$`);
const DEPLOYMENT_POD = new RegExp(`^(.+)-${SAFE}{6,10}-${SAFE}{5}$`);
/** Before Kubernetes 1.12 the template hash was a decimal number. */
const OLD_DEPLOYMENT_POD = new RegExp(`^(.+)-\\d{9,10}-${SAFE}{5}$`);
const CRON_JOB_POD = new RegExp(`^(.+)-\\d{8}-${SAFE}{5}$`);
const CRON_JOB = /^(.+)-\d{8}$/;
const GENERATED_POD = new RegExp(`^(.+)-${SAFE}{5}$`);
const ORDINAL_POD = /^(.+)-\d{1,4}$/;

const POD_PATTERNS: readonly (readonly [RegExp, string])[] = [
  [CRON_JOB_POD, 'CronJob'],
  [DEPLOYMENT_POD, 'Deployment'],
  [OLD_DEPLOYMENT_POD, 'Deployment'],
  [GENERATED_POD, 'unknown'],
  [ORDINAL_POD, 'StatefulSet'],
];

/**
 * The owner a pod's name suggests. A name that fits no generated pattern is a bare pod; one with a random suffix alone
 * may belong to a DaemonSet, a Job or a ReplicaSet, so that its kind stays `unknown` until a source reports it.
 */
export function inferOwner(pod: ObjectName): Owner {
  for (const [pattern, kind] of POD_PATTERNS) {
    const name = parseObjectName(pattern.exec(pod)?.[1] ?? '');
    if (name !== undefined) return { kind, name, isReported: false };
  }
  return { kind: 'Pod', name: pod, isReported: false };
}

/** Climbs from what Hubble reports to the controller users know: ReplicaSet to Deployment, Job to CronJob. */
export function rootOwner(kind: string, name: ObjectName): Owner {
  const pattern = kind === 'ReplicaSet' ? REPLICA_SET : kind === 'Job' ? CRON_JOB : undefined;
  const root = parseObjectName(pattern?.exec(name)?.[1] ?? '');
  if (root === undefined) return { kind, name, isReported: true };
  return { kind: kind === 'ReplicaSet' ? 'Deployment' : 'CronJob', name: root, isReported: true };
}
