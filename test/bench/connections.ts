import type { NamespaceName, ObjectName } from '#core/identity/names.ts';
import type { ClusterModel } from '#core/policy/cluster/cluster-model.ts';
import { worldOf } from '#core/policy/cluster/model-world.ts';
import { connectivityOf } from '#core/policy/connections/connectivity.ts';
import { literalJudge } from '#core/policy/connections/literal-judge.ts';
import { KUBERNETES_PROFILE } from '#core/policy/literal/profiles.ts';
import { medianCpuMs } from './measure.ts';
import { policyWorld } from './policy-world.ts';
import { fixed, grouped, renderTable } from './table.ts';

/** The list of who may talk to whom, by either evaluator. */
export interface ConnectionsResult {
  readonly workloads: number;
  readonly rows: number;
  readonly engineMs: number;
  /** Undefined where it would take too long to wait for. */
  readonly literalMs: number | undefined;
}

const SIZES = [50, 500, 1000, 2000];
const LITERAL_UP_TO = 50;
const PORTS = 20;
const SOURCE = { file: 'bench.yaml', document: 1, line: 1, item: '' };

/** A cluster of as many policies as workloads. */
function modelOf(workloads: number): ClusterModel {
  const { namespaces, pods, policies } = policyWorld({
    workloads,
    replicas: 1,
    policies: workloads,
    ports: PORTS,
  });
  return {
    namespaces: namespaces.map(({ name, labels }) => ({
      name: name as NamespaceName,
      labels,
      source: undefined,
    })),
    workloads: pods.map(({ namespace, name }) => ({
      namespace: namespace as NamespaceName,
      kind: 'Deployment',
      name: name as ObjectName,
      replicas: 1,
      ports: [],
      source: undefined,
    })),
    pods: pods.map((pod, workload) => ({ pod, workload, origin: 'seen' })),
    services: [],
    ingresses: [],
    policies: policies.map((policy) => ({ policy, source: SOURCE })),
    otherKinds: [],
  };
}

async function measured(workloads: number): Promise<ConnectionsResult> {
  const model = modelOf(workloads);
  const profile = KUBERNETES_PROFILE;
  let rows = 0;
  const works = new Map<string, () => unknown>([
    ['engine', () => (rows = connectivityOf({ model, profile }).length)],
  ]);
  if (workloads <= LITERAL_UP_TO) {
    const allowed = literalJudge(worldOf(model), profile);
    works.set('literal', () => connectivityOf({ model, profile, allowed }));
  }
  const times = await medianCpuMs(works, 1);
  return { workloads, rows, engineMs: times.get('engine') ?? Number.NaN, literalMs: times.get('literal') };
}

/** `bulkhead connections` on clusters of growing size, without reading and printing. */
export async function measureConnections(): Promise<readonly ConnectionsResult[]> {
  const results: ConnectionsResult[] = [];
  for (const workloads of SIZES) results.push(await measured(workloads));
  return results;
}

export function renderConnections(results: readonly ConnectionsResult[]): string {
  const rows = results.map(({ workloads, rows: count, engineMs, literalMs }) => [
    `${grouped(workloads)} workloads and policies`,
    grouped(count),
    fixed(engineMs / 1000, 2),
    literalMs === undefined ? '' : fixed(literalMs / 1000, 2),
  ]);
  return `Who may talk to whom\n${renderTable(['', 'rows', 'fast engine CPU-s', 'literal CPU-s'], rows)}`;
}
