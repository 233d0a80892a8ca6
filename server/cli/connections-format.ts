import { type ClusterModel, describeWorkload } from '#core/policy/cluster/cluster-model.ts';
import { describeManifestProblem, type ManifestProblem } from '#core/policy/cluster/manifest-problem.ts';
import { addressText, cidrOfRange } from '#core/policy/connections/address-range.ts';
import {
  type ConnectivityEnd,
  type ConnectivityRow,
  describeEnd,
} from '#core/policy/connections/connectivity.ts';
import { describeRow } from '#core/policy/connections/describe-row.ts';
import type { CniProfile } from '#core/policy/world.ts';
import { plural, printable } from './terminal.ts';

/** One line a pair, in the order of the rows. */
export const connectionsText = (rows: readonly ConnectivityRow[]): string =>
  rows.map((row) => `${printable(describeRow(row))}\n`).join('');

/** The list as one network has it. */
export interface NetworkRows {
  readonly profile: CniProfile['name'];
  readonly rows: readonly ConnectivityRow[];
}

/** A line that one network has and the other has not, or has otherwise. */
export interface NetworkDifference {
  readonly profile: CniProfile['name'];
  readonly line: string;
}

/** What two networks answer differently about the same policies: the first one's lines, then the second one's. */
export function differencesOf(a: NetworkRows, b: NetworkRows): readonly NetworkDifference[] {
  const [aLines, bLines] = [a, b].map(({ rows }) => rows.map(describeRow));
  const only = (own: readonly string[] = [], other: readonly string[] = []): readonly string[] => {
    const known = new Set(other);
    return own.filter((line) => !known.has(line));
  };
  return [
    ...only(aLines, bLines).map((line) => ({ profile: a.profile, line })),
    ...only(bLines, aLines).map((line) => ({ profile: b.profile, line })),
  ];
}

/** One line each, the network first. */
export const differencesText = (differences: readonly NetworkDifference[]): string =>
  differences.map(({ profile, line }) => `${profile}: ${printable(line)}\n`).join('');

/** Kinds that decide on connections too, and that nobody here judges. Staged ones are never enforced. */
export const isOtherPolicy = (kind: string): boolean =>
  (kind.endsWith('NetworkPolicy') && !kind.startsWith('Staged')) || kind === 'AuthorizationPolicy';

function otherPoliciesNote({ otherKinds }: ClusterModel): string | undefined {
  const others = otherKinds.filter(({ kind }) => isOtherPolicy(kind));
  if (others.length === 0) return undefined;
  const named = others.map(({ kind, apiVersion, count }) => `${count} × ${kind} (${apiVersion})`).join(', ');
  return `policies of other kinds are not judged and may forbid or allow more: ${named}`;
}

function hostNetworkNote(model: ClusterModel): string | undefined {
  const indexes = new Set(model.pods.filter(({ pod }) => pod.hostNetwork).map(({ workload }) => workload));
  const names = model.workloads.filter((_, index) => indexes.has(index)).map(describeWorkload);
  if (names.length === 0) return undefined;
  return `policies do not govern pods on their node's network: ${names.join(', ')}`;
}

const hasBlocks = ({ policies }: ClusterModel): boolean =>
  policies.some(({ policy }) => JSON.stringify(policy.spec).includes('"ipBlock":'));

/** Where a block may match a pod, the answer for a pod of unknown address is a guess: ours is "it does not". */
function unknownAddressNote(model: ClusterModel, profile: CniProfile): string | undefined {
  if (!profile.ipBlockMatchesPods || !hasBlocks(model)) return undefined;
  const unknown = new Set(
    model.pods.filter(({ pod }) => pod.ips.length === 0).map(({ workload }) => workload),
  );
  if (unknown.size === 0) return undefined;
  return `the addresses of the pods of ${plural(unknown.size, 'workload')} are not known; where an ipBlock would match them on this network, more is allowed than listed`;
}

/** What a reader must know to take the list for no more than it is. */
export function notesOf(
  model: ClusterModel,
  rows: readonly ConnectivityRow[],
  profile: CniProfile,
): readonly string[] {
  const notes = [otherPoliciesNote(model), hostNetworkNote(model), unknownAddressNote(model, profile)];
  const nobody = rows.length === 0 ? 'no connection is allowed' : undefined;
  return [...notes, nobody].filter((note) => note !== undefined);
}

function plainEnd(end: ConnectivityEnd): Record<string, unknown> {
  const text = describeEnd(end);
  if (end.kind === 'workload') {
    const { namespace, kind, name } = end.workload;
    return { kind: 'workload', text, namespace, workloadKind: kind, name };
  }
  const { family, first, last } = end.range;
  const addresses = { first: addressText(family, first), last: addressText(family, last) };
  return { kind: 'external', text, family, ...addresses, cidr: cidrOfRange(end.range) };
}

/** Everything the command found. */
export interface ConnectionsShown {
  readonly profile: CniProfile['name'];
  readonly model: ClusterModel;
  readonly problems: readonly ManifestProblem[];
  readonly notes: readonly string[];
  readonly rows: readonly ConnectivityRow[];
  /** Undefined unless two networks were compared. */
  readonly differences: readonly NetworkDifference[] | undefined;
}

/** The list as JSON, with what could not be read and what was not judged. */
export function connectionsJson(found: ConnectionsShown): string {
  const { profile, model, problems, notes, rows, differences } = found;
  const shown = {
    profile,
    workloads: model.workloads.map(({ namespace, kind, name }) => ({ namespace, kind, name })),
    policies: model.policies.map(({ policy, source }) => ({
      namespace: policy.metadata.namespace,
      name: policy.metadata.name,
      source,
    })),
    connections: rows.map((row) => ({
      line: describeRow(row),
      from: plainEnd(row.from),
      to: plainEnd(row.to),
      ports: row.ports,
      onlySomePods: row.onlySomePods,
    })),
    differences,
    notes,
    otherKinds: model.otherKinds,
    problems: problems.map((problem) => ({ ...problem, message: describeManifestProblem(problem) })),
  };
  return `${JSON.stringify(shown, undefined, 2)}\n`;
}
