import { createHash } from 'node:crypto';
import type { Flow, FlowEndpoint } from '#core/flow/flow.ts';
import { MINUTE_MS } from '#core/flow/time.ts';
import type { Edge, EdgeKey } from '#core/graph/edge.ts';
import { describeEdge } from '#core/graph/edge.ts';
import { GraphBuilder } from '#core/graph/graph-builder.ts';
import { proposing } from '#core/policy/generate/propose.ts';
import { CILIUM_PROFILE } from '#core/policy/literal/profiles.ts';
import { createPipeline, PIPELINE_DEFAULTS } from '../../../collector/pipeline.ts';
import { openLedger } from '../../../server/adapters/store/sqlite/open-ledger.ts';
import { LiveWorkspace, type WorkspaceOptions } from '../../../server/app/live-workspace.ts';
import type { Ledger } from '../../../server/app/ports/ledger.ts';
import { judgeProposal } from '../../../server/app/proposal-judge.ts';
import { scopeOf } from '../../../server/app/scope-of.ts';
import { flow, pod, START, SYN, SYN_ACK } from '../../support/flows.ts';

export const hash = (text: string): string => createHash('sha256').update(text).digest('hex');

export const WEB = pod('shop/web-7d9c5b6f4-x2x4z', '10.0.0.1', 40_000);
export const CART = pod('shop/cart-5b6f47d9c-b2b4c', '10.0.0.2', 8080);
export const DB = pod('data/db-0', '10.0.0.3', 5432);

/** Minutes of training; what comes later is watched. */
export const TRAINED_MINUTES = 30;

/** One answered connection from `client` to `server` in each of these minutes after the start. */
export const talks = (client: FlowEndpoint, server: FlowEndpoint, minutes: readonly number[]): Flow[] =>
  minutes.flatMap((minute) => {
    const at = START + minute * MINUTE_MS;
    const source = { ...client, port: 40_000 + minute };
    return [
      flow(source, server, { at, tcpFlags: SYN, isNew: true, direction: 'egress' }),
      flow(server, source, { at: at + 5, tcpFlags: SYN_ACK, reply: 'reply', direction: 'ingress' }),
    ];
  });

export const minutesFrom = (first: number, last: number): readonly number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);

/** Half an hour of web to cart, then, after training, web to the database. */
export const ATTACKED: readonly Flow[] = [
  ...talks(WEB, CART, minutesFrom(0, TRAINED_MINUTES + 10)),
  ...talks(WEB, DB, [TRAINED_MINUTES + 4, TRAINED_MINUTES + 6]),
];

export async function memoryLedger(): Promise<Ledger> {
  const opened = await openLedger(':memory:');
  if (!opened.ok) throw new Error(opened.error.code);
  return opened.value;
}

export interface RunParts {
  readonly mode?: 'demo' | 'file' | 'live';
  readonly ledger: Ledger;
  readonly flows?: readonly Flow[];
  readonly trainedMinutes?: number;
  /** Whatever of the outside world shall be another one. */
  readonly options?: Partial<WorkspaceOptions>;
}

const NO_PAUSE: WorkspaceOptions['pace'] = { monotonicMs: () => 0, breathe: async () => undefined };

function collected(flows: readonly Flow[], until: number) {
  const builder = new GraphBuilder();
  const pipeline = createPipeline((window) => builder.apply(window), PIPELINE_DEFAULTS);
  for (const each of flows) if (each.at < until) pipeline.add(each);
  pipeline.flush();
  return { graph: builder.snapshot(), coverage: pipeline.coverage(), world: pipeline.world() };
}

/** A workspace over these flows, as a process that starts now has it; `learn` has not been called yet. */
export function startedWorkspace(parts: RunParts) {
  const { mode = 'file', ledger, flows = ATTACKED, trainedMinutes = TRAINED_MINUTES } = parts;
  const first = Math.min(...flows.map(({ at }) => at));
  const window = { from: first, until: START + trainedMinutes * MINUTE_MS };
  const training = collected(flows, window.until);
  let clock = 1_000;
  const workspace: LiveWorkspace = new LiveWorkspace(
    {
      mode,
      title: 'a recording',
      ledger,
      hash,
      clock: () => (clock += 1),
      proposing: (baseline) => proposing(baseline, { toolVersion: 'test', profile: CILIUM_PROFILE, hash }),
      pace: NO_PAUSE,
      world: () => pipeline.world(),
      sources: () => [],
      judge: judgeProposal,
      ...parts.options,
    },
    training.coverage,
  );
  const pipeline = createPipeline((sent) => workspace.apply(sent), PIPELINE_DEFAULTS);
  /** Plays what happened before this minute after the start; everything without it. */
  const play = (untilMinute = Number.POSITIVE_INFINITY): void => {
    for (const each of flows.filter(isBefore(untilMinute))) pipeline.add(each);
    pipeline.flush();
  };
  const input = { ...training, scope: scopeOf(training.world, {}), window };
  return { workspace, play, learn: () => workspace.learn(input) };
}

const isBefore =
  (minute: number) =>
  ({ at }: Flow): boolean =>
    at < START + minute * MINUTE_MS;

/** A recording that was read to its end and learnt. */
export async function servedRecording(parts: RunParts): Promise<LiveWorkspace> {
  const { workspace, play, learn } = startedWorkspace(parts);
  play();
  await learn();
  return workspace;
}

export const titlesOf = (workspace: LiveWorkspace): readonly string[] =>
  workspace.findings().map(({ title, state }) => `${state}: ${title}`);

/** The learnt edge that reads like this. */
export function learntEdge(workspace: LiveWorkspace, line: string): EdgeKey {
  const rows = [...(workspace.baseline()?.baseline.edges.values() ?? [])];
  const found = rows.map(({ edge }): Edge => edge).find((edge) => describeEdge(edge) === line);
  if (found === undefined) throw new Error(`no edge ${line}`);
  return found.key;
}

export const WEB_TO_CART = 'shop/web[Deployment] => shop/cart[Deployment] : TCP 8080';
export const BY_ANA = { actor: 'ana', reason: 'A test says so.' };
