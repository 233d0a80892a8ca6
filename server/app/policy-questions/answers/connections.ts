import { counted } from '#core/baseline/wording.ts';
import { type ClusterModel, describeWorkload } from '#core/policy/cluster/cluster-model.ts';
import type { ManifestProblem } from '#core/policy/cluster/manifest-problem.ts';
import { isOtherPolicy } from '#core/policy/cluster/other-policy.ts';
import type { ConnectivityEnd, ConnectivityRow } from '#core/policy/connections/connectivity.ts';
import { describeRow } from '#core/policy/connections/describe-row.ts';
import type { CniProfile, NetworkName } from '#core/policy/world.ts';
import { toldProblems } from '../placed-policies.ts';
import { plainEnd } from './plain-end.ts';

/** The list as one network has it. */
export interface NetworkRows {
  readonly profile: CniProfile['name'];
  readonly rows: readonly ConnectivityRow[];
}

/** A line that one network has and the other has not, or has otherwise. */
export interface NetworkDifference {
  readonly profile: NetworkName;
  /** The one that has not. */
  readonly other: NetworkName;
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
    ...only(aLines, bLines).map((line) => ({ profile: a.profile, other: b.profile, line })),
    ...only(bLines, aLines).map((line) => ({ profile: b.profile, other: a.profile, line })),
  ];
}

const isIn = (end: ConnectivityEnd, namespaces: ReadonlySet<string>): boolean =>
  end.kind === 'workload' && namespaces.has(end.workload.namespace);

/** Rows of which an end lies in one of the namespaces; all of them when none is named. */
export const rowsIn = <Row extends Pick<ConnectivityRow, 'from' | 'to'>>(
  rows: readonly Row[],
  namespaces: ReadonlySet<string>,
): readonly Row[] =>
  namespaces.size === 0
    ? rows
    : rows.filter(({ from, to }) => isIn(from, namespaces) || isIn(to, namespaces));

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
  return `the addresses of the pods of ${counted(unknown.size, 'workload', 'workloads')} are not known; where an ipBlock would match them on this network, more is allowed than listed`;
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

/** Everything that was found. */
export interface ConnectionsShown {
  readonly profile: CniProfile['name'];
  readonly model: ClusterModel;
  readonly problems: readonly ManifestProblem[];
  readonly notes: readonly string[];
  readonly rows: readonly ConnectivityRow[];
  /** Undefined unless two networks were compared. */
  readonly differences: readonly NetworkDifference[] | undefined;
}

/** The answer as plain data, the same for a command and for the API, with what could not be read or was not judged. */
export function connectionsAnswer(found: ConnectionsShown) {
  const { profile, model, problems, notes, rows, differences } = found;
  return {
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
    problems: toldProblems(problems),
  };
}
