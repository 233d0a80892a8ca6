import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { FINDING_STATES, SEVERITIES } from '#core/finding/finding.ts';
import { SET_ASIDE_REASONS } from '#core/flow/coverage.ts';
import type { LiveHealth } from '#core/flow/live-health.ts';
import type { SourceSummary } from '#core/flow/source-summary.ts';
import type { Workspace } from '../../app/workspace.ts';

const SOURCE_STATES = ['reading', 'done', 'failed', 'live', 'connecting'] as const;
const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST']);

/** Every label has a fixed set of values: no workload, no address and no text from a flow ever makes a series. */
export interface Metrics {
  readonly contentType: string;
  text(): Promise<string>;
  /** `route` is the pattern, not the address; undefined for an address that matches none. */
  answered(
    request: { readonly method: string; readonly route: string | undefined; readonly status: number },
    seconds: number,
  ): void;
  socketClients(count: number): void;
  deltaSent(): void;
}

type Sample = () => number;

function gauges(register: Registry, workspace: Workspace): void {
  const plain: readonly (readonly [name: string, help: string, sample: Sample])[] = [
    ['bulkhead_edges', 'Edges of the live graph', () => workspace.graph().edges.size],
    ['bulkhead_peers', 'Peers of the live graph', () => workspace.graph().peers.size],
    ['bulkhead_pods', 'Pods seen, one per set of labels', () => workspace.world().pods.length],
    ['bulkhead_flows', 'Flows read so far', () => workspace.coverage().flows],
    ['bulkhead_conversations', 'Conversations closed so far', () => workspace.coverage().conversations],
    [
      'bulkhead_lost_events',
      'Events the sources say they lost',
      () => Number(workspace.coverage().lostEvents),
    ],
    ['bulkhead_silent_nodes', 'Nodes reported as silent', () => workspace.coverage().silentNodes.length],
    [
      'bulkhead_bad_records',
      'Records that could not be read',
      () => workspace.sources().reduce((sum, { summary }) => sum + summary.badRecords, 0),
    ],
    ['bulkhead_newest_flow_timestamp_seconds', 'Time of the newest flow', () => workspace.now() / 1000],
    ['bulkhead_ready', '1 once the first baseline is learnt', () => Number(workspace.isReady())],
    [
      'bulkhead_baseline_readiness',
      'Readiness of the current baseline, 0 to 1; 0 without one',
      () => workspace.baseline()?.baseline.readiness.score ?? 0,
    ],
  ];
  for (const [name, help, sample] of plain) {
    const gauge: Gauge = new Gauge({ name, help, registers: [register], collect: () => gauge.set(sample()) });
  }
}

const lostIn = (lost: SourceSummary['lost']): number =>
  Number(lost.reduce((sum, { count }) => sum + count, 0n));

const inSeconds = (ms: number | undefined): number | undefined => (ms === undefined ? undefined : ms / 1000);

/** Of sources that go on for ever; what a source does not know yet has no series. By their place in the list: their names come from the command line. */
function liveGauges(registers: Registry[], workspace: Workspace): void {
  type Figure = (live: LiveHealth, summary: SourceSummary) => number | undefined;
  const figures: readonly (readonly [name: string, help: string, of: Figure])[] = [
    ['connected', '1 while it is connected', ({ isConnected }) => Number(isConnected)],
    ['flows_per_second', 'New flows a second', ({ flowsPerSecond }) => flowsPerSecond],
    ['lag_seconds', 'Age of the newest flow at its arrival', ({ lagMs }) => inSeconds(lagMs)],
    ['last_flow_timestamp_seconds', 'Time of the newest flow', ({ lastFlowAt }) => inSeconds(lastFlowAt)],
    ['unavailable_nodes', 'Nodes away, by its own word', ({ unavailableNodes }) => unavailableNodes],
    ['reconnects', 'Connections made again', ({ reconnects }) => reconnects],
    ['duplicate_flows', 'Flows that came twice and count once', ({ duplicates }) => duplicates],
    ['shed_flows', 'Flows left out under pressure', ({ shedEvidence }) => shedEvidence],
    ['gaps', 'Streams that began later than the last one ended', ({ gaps }) => gaps],
    ['lost_events', 'Events it says it lost', (_live, { lost }) => lostIn(lost)],
    ['bad_records', 'Records that could not be read', (_live, { badRecords }) => badRecords],
  ];
  for (const [name, help, of] of figures) {
    const gauge: Gauge<'source'> = new Gauge({
      name: `bulkhead_source_${name}`,
      help: `${help}, by the source's place in the list`,
      labelNames: ['source'],
      registers,
      collect() {
        gauge.reset();
        for (const [place, { live, summary }] of workspace.sources().entries()) {
          const value = live && of(live, summary);
          if (value !== undefined) gauge.set({ source: String(place) }, value);
        }
      },
    });
  }
}

function labelledGauges(register: Registry, workspace: Workspace): void {
  const registers = [register];
  const setAside: Gauge<'reason'> = new Gauge({
    name: 'bulkhead_set_aside_conversations',
    help: 'Conversations that became no edge, by reason',
    labelNames: ['reason'],
    registers,
    collect() {
      const coverage = workspace.coverage();
      for (const reason of SET_ASIDE_REASONS)
        setAside.set({ reason }, coverage.setAside[reason].conversations);
    },
  });
  const sources: Gauge<'state'> = new Gauge({
    name: 'bulkhead_sources',
    help: 'Sources by state',
    labelNames: ['state'],
    registers,
    collect() {
      const all = workspace.sources();
      for (const state of SOURCE_STATES)
        sources.set({ state }, all.filter((each) => each.state === state).length);
    },
  });
  liveGauges(registers, workspace);
  const findings: Gauge<'severity' | 'state'> = new Gauge({
    name: 'bulkhead_findings',
    help: 'Findings by severity and state',
    labelNames: ['severity', 'state'],
    registers,
    collect() {
      const all = workspace.findings();
      for (const severity of SEVERITIES) {
        for (const state of FINDING_STATES) {
          const count = all.filter((each) => each.severity === severity && each.state === state).length;
          findings.set({ severity, state }, count);
        }
      }
    },
  });
}

/** Metrics of one server in a registry of its own. */
export function createMetrics(workspace: Workspace, version: string): Metrics {
  const register = new Registry();
  const registers = [register];
  collectDefaultMetrics({ register });
  gauges(register, workspace);
  labelledGauges(register, workspace);
  const info = new Gauge({
    name: 'bulkhead_build_info',
    help: 'Version of the running server',
    labelNames: ['version'],
    registers,
  });
  info.set({ version }, 1);
  const labelNames = ['method', 'route', 'status'] as const;
  const requests = new Counter({
    name: 'bulkhead_http_requests_total',
    help: 'Answers by method, route pattern and status',
    labelNames,
    registers,
  });
  const seconds = new Histogram({
    name: 'bulkhead_http_request_seconds',
    help: 'Time to answer, by route pattern',
    labelNames: ['route'] as const,
    buckets: [0.005, 0.02, 0.1, 0.5, 2, 10],
    registers,
  });
  const clients = new Gauge({ name: 'bulkhead_socket_clients', help: 'Pages connected', registers });
  const deltas = new Counter({ name: 'bulkhead_socket_deltas_total', help: 'Deltas sent', registers });
  return {
    contentType: register.contentType,
    text: () => register.metrics(),
    answered({ method, route = 'none', status }, duration) {
      requests.inc({ method: METHODS.has(method) ? method : 'other', route, status: String(status) });
      seconds.observe({ route }, duration);
    },
    socketClients: (count) => clients.set(count),
    deltaSent: () => deltas.inc(),
  };
}
