import { propose } from '#core/policy/generate/propose.ts';
import { CILIUM_PROFILE } from '#core/policy/literal/profiles.ts';
import { baselineOf, edge, sha256, workload } from '../support/baseline-fixture.ts';
import { medianCpuMs } from './measure.ts';
import { fixed, grouped, renderTable } from './table.ts';

/** One proposal with its certificate. */
export interface CertificateResult {
  readonly workloads: number;
  readonly portsEach: number;
  readonly edges: number;
  readonly cellsJudged: number;
  readonly cpuMs: number;
}

const PORTS = 20;
const NAMESPACES = 20;
const FIRST_PORT = 8000;
export const BUDGET_MS = 30_000;

/** Each workload listens on every port, for another workload on each: workloads × ports edges. */
function measureOf(workloadCount: number): { readonly edges: number; run(): number } {
  const workloads = Array.from({ length: workloadCount }, (_, index) =>
    workload(`team-${index % NAMESPACES}/service-${index}`, { labels: [{ app: `service-${index}` }] }),
  );
  const edges = workloads.flatMap((to, index) =>
    Array.from({ length: PORTS }, (_, port) => {
      const from = workloads[(index + 1 + port * 7) % workloadCount] ?? to;
      return edge(from, to, { port: FIRST_PORT + port });
    }),
  );
  const baseline = baselineOf({ workloads, edges });
  return {
    edges: edges.length,
    run: () =>
      propose(baseline, { toolVersion: '0.0.0', profile: CILIUM_PROFILE, hash: sha256 }).certificate.universe
        .cellsJudged,
  };
}

/** From baseline to proven proposal, for half the budgeted size and for all of it. */
export async function measureCertificates(): Promise<CertificateResult[]> {
  const results: CertificateResult[] = [];
  for (const workloads of [50, 100, 200]) {
    const { edges, run } = measureOf(workloads);
    let cellsJudged = 0;
    const times = await medianCpuMs(new Map([['propose', () => (cellsJudged = run())]]), 1);
    results.push({ workloads, portsEach: PORTS, edges, cellsJudged, cpuMs: times.get('propose') ?? 0 });
  }
  return results;
}

/** Time for `workloads`, from how it grew over the two largest sizes that were run. */
function extrapolated(results: readonly CertificateResult[], workloads: number): number {
  const [before, last] = results.slice(-2);
  if (before === undefined || last === undefined) return Number.NaN;
  const exponent = Math.log(last.cpuMs / before.cpuMs) / Math.log(last.workloads / before.workloads);
  return last.cpuMs * (workloads / last.workloads) ** exponent;
}

export function renderCertificates(results: readonly CertificateResult[]): string {
  const rows = results.map(({ workloads, portsEach, edges, cellsJudged, cpuMs }) => [
    `${workloads} workloads × ${portsEach} ports`,
    grouped(edges),
    grouped(cellsJudged),
    fixed(cpuMs / 1000, 2),
  ]);
  const largest = results.at(-1)?.cpuMs ?? Number.NaN;
  const verdict = largest <= BUDGET_MS ? 'within' : 'OVER';
  return (
    'Proposal and certificate, from a baseline\n' +
    renderTable(['', 'edges', 'cells judged', 'CPU-s'], rows) +
    `  ${verdict} the budget of ${BUDGET_MS / 1000} s; 1 000 workloads would take about ` +
    `${fixed(extrapolated(results, 1000) / 1000, 0)} s\n`
  );
}
