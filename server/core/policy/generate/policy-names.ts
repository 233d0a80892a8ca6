import { parseWorkloadId, type WorkloadId, type WorkloadRef } from '#core/identity/peer.ts';
import { type HashText, hash8 } from '../hash.ts';
import type { NamespaceIsolation, ProposedPolicy } from '../proposal.ts';

/** The folder of the policies that close whole namespaces, beside those of the namespaces. */
export const DEFAULT_DENY_FOLDER = 'default-deny';

/** Name of the policy that closes a namespace. */
export const DEFAULT_DENY_NAME = 'bulkhead-default-deny';

const LONGEST_SLUG = 54;
const SLUG = /^[a-z0-9](?:[a-z0-9-]{0,52}[a-z0-9])?$/;

/** Names that some file system takes for a device, or that the layout uses itself. */
const RESERVED = /^(?:con|prn|aux|nul|com\d|lpt\d|default-deny|certificate|report|kustomization|index)$/;

/** Kinds that are told apart by their lower-case name; a kind of somebody's own may not be. */
const KNOWN_KINDS: ReadonlySet<string> = new Set([
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'CronJob',
  'Job',
  'ReplicaSet',
  'ReplicationController',
  'Pod',
  'Rollout',
  'unknown',
]);

/** Lower-case letters, digits and dashes of a text, at most 54; never empty. */
export function slugOf(text: string): string {
  const words = text.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  const slug = words.join('-').slice(0, LONGEST_SLUG).replace(/-+$/, '');
  return slug === '' ? 'x' : slug;
}

/** True when the text is its own slug and no file system minds it. */
const isPlain = (text: string): boolean => SLUG.test(text) && !RESERVED.test(text) && !text.includes('--');

/** A name for a file or folder: the text itself when it is harmless, else its slug with eight digits of its hash. */
export const fileWord = (text: string, hash: HashText): string =>
  isPlain(text) ? text : `${slugOf(text)}-${hash8(hash, text)}`;

/** Name of a workload's policy: readable, and a hash of who it is, never of what it allows. */
export function policyName(id: WorkloadId, hash: HashText): string {
  return `${slugOf(parseWorkloadId(id).name)}-${hash8(hash, id)}`;
}

function workloadFile({ name, kind }: WorkloadRef, hash: HashText): string {
  const isHarmless = isPlain(name) && KNOWN_KINDS.has(kind);
  const stem = `${slugOf(name)}-${slugOf(kind)}`;
  return isHarmless ? `${stem}.yaml` : `${stem}-${hash8(hash, `${kind}/${name}`)}.yaml`;
}

/** Where an export puts a policy, relative to the folder of its cluster: `<namespace>/<workload>-<kind>.yaml`. */
export function pathInCluster(policy: ProposedPolicy | NamespaceIsolation, hash: HashText): string {
  if (!('workload' in policy)) return `${DEFAULT_DENY_FOLDER}/${fileWord(policy.namespace, hash)}.yaml`;
  const ref = parseWorkloadId(policy.workload);
  return `${fileWord(ref.namespace, hash)}/${workloadFile(ref, hash)}`;
}

/** Where an export puts a policy, relative to its folder: `<cluster>/<namespace>/<workload>-<kind>.yaml`. */
export const policyPath = (
  policy: ProposedPolicy | NamespaceIsolation,
  cluster: string,
  hash: HashText,
): string => `${fileWord(cluster, hash)}/${pathInCluster(policy, hash)}`;
