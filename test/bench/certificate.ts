import { certifying } from '#core/policy/certify/certify.ts';
import { recheck } from '#core/policy/certify/recheck.ts';
import { runToEnd } from '#core/policy/certify/steps.ts';
import { drafting } from '#core/policy/generate/draft.ts';
import { CILIUM_PROFILE } from '#core/policy/literal/profiles.ts';
import { baselineOf, edge, sha256, workload } from '../support/baseline-fixture.ts';
import { fixed, grouped, megabytes, renderTable } from './table.ts';

/** One certificate, for policies that were drafted before. */
export interface CertificateResult {
  readonly workloads: number;
  readonly portsEach: number;
  readonly edges: number;
  readonly cells: number;
  /** Questions put to the literal evaluator. */
  readonly cellsJudged: number;
  readonly cpuMs: number;
  /** The longest a server is kept from other work. */
  readonly slowestStepMs: number;
  readonly verifyMs: number;
  readonly peakBytes: number;
}

const PORTS = 20;
const NAMESPACES = 20;
const FIRST_PORT = 8000;
const SIZES = [50, 200, 1000];
export const BUDGET_MS = 10_000;

/** Each workload listens on every port, for another workload on each: workloads × ports edges. */
function baselineFor(workloadCount: number) {
  const workloads = Array.from({ length: workloadCount }, (_, index) =>
    workload(`team-${index % NAMESPACES}/service-${index}`, { labels: [{ app: `service-${index}` }] }),
  );
  const edges = workloads.flatMap((to, index) =>
    Array.from({ length: PORTS }, (_, port) => {
      const from = workloads[(index + 1 + port * 7) % workloadCount] ?? to;
      return edge(from, to, { port: FIRST_PORT + port });
    }),
  );
  return baselineOf({ workloads, edges });
}

const cpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

function measured(workloads: number): CertificateResult {
  const baseline = baselineFor(workloads);
  const draft = runToEnd(drafting(baseline, { profile: CILIUM_PROFILE, hash: sha256, maxExtra: 0 }));
  const startedAt = cpuMs();
  const steps = certifying({ baseline, draft, profile: CILIUM_PROFILE, toolVersion: '0.0.0', hash: sha256 });
  let slowestStepMs = 0;
  let peakBytes = 0;
  for (;;) {
    const stepAt = performance.now();
    const step = steps.next();
    slowestStepMs = Math.max(slowestStepMs, performance.now() - stepAt);
    peakBytes = Math.max(peakBytes, process.memoryUsage.rss());
    if (step.done !== true) continue;
    const certificate = step.value;
    const certifiedAt = cpuMs();
    const policies = certificate.world.policies.map((policy) => ({ policy, file: policy.metadata.name }));
    recheck({ certificate, policies, hash: sha256 });
    const { cells, cellsJudged } = certificate.universe;
    return {
      workloads,
      portsEach: PORTS,
      edges: certificate.conversations.length,
      cells: cells ?? cellsJudged,
      cellsJudged,
      cpuMs: certifiedAt - startedAt,
      slowestStepMs,
      verifyMs: cpuMs() - certifiedAt,
      peakBytes,
    };
  }
}

/** From drafted policies to their proof, and the proof once more as `bulkhead verify` makes it. */
export function measureCertificates(): readonly CertificateResult[] {
  return SIZES.map(measured);
}

/** Time for `workloads`, from how it grew over the two largest sizes that were run. */
function extrapolated(results: readonly CertificateResult[], workloads: number): number {
  const [before, last] = results.slice(-2);
  if (before === undefined || last === undefined) return Number.NaN;
  const exponent = Math.log(last.cpuMs / before.cpuMs) / Math.log(last.workloads / before.workloads);
  return last.cpuMs * (workloads / last.workloads) ** exponent;
}

export function renderCertificates(results: readonly CertificateResult[]): string {
  const rows = results.map((each) => [
    `${grouped(each.workloads)} workloads × ${each.portsEach} ports`,
    grouped(each.edges),
    grouped(each.cells),
    grouped(each.cellsJudged),
    fixed(each.cpuMs / 1000, 2),
    fixed(each.slowestStepMs, 0),
    fixed(each.verifyMs / 1000, 2),
    megabytes(each.peakBytes),
  ]);
  const largest = results.at(-1)?.cpuMs ?? Number.NaN;
  const verdict = largest <= BUDGET_MS ? 'within' : 'OVER';
  const columns = [
    '',
    'edges',
    'cells',
    'to the judge',
    'CPU-s',
    'slowest step ms',
    'verify CPU-s',
    'memory',
  ];
  return (
    'Certificate of drafted policies\n' +
    renderTable(columns, rows) +
    `  ${verdict} the budget of ${BUDGET_MS / 1000} s; 10 000 workloads would take about ` +
    `${fixed(extrapolated(results, 10_000) / 1000, 0)} s\n`
  );
}
