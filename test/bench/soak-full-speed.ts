import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { GraphBuilder } from '#core/graph/graph-builder.ts';
import type { LiveCollector } from '../../collector/main.ts';
import { RELAY_TUNING, type RelayTuning } from '../../collector/sources/hubble/relay/relay-options.ts';
import { edgesVerdict, type FastNews, printVerdicts, type Verdict } from './soak-edges.ts';
import { edgesOf, memoryLine, received, sampled, startCollector } from './soak-receiver.ts';
import { grouped } from './table.ts';

/*
 * The other half of the soak: messages encoded beforehand and nothing wrong with them, so that the receiver is the
 * limit. What it can not take it may leave out, when it says how much.
 */
const SENDER = fileURLToPath(new URL('soak-fast-sender.ts', import.meta.url));
const MESSAGES = 40_000;
/** Rounds from which the rate is learnt. */
const TRIAL_ROUNDS = 10;
/** A stream that ended is not asked for again while its flows are counted. */
const PATIENT: RelayTuning = {
  ...RELAY_TUNING,
  backOff: { ...RELAY_TUNING.backOff, firstMs: 600_000, mostMs: 600_000 },
};
const GIVE_UP_MS = 60_000;

/** Everything that arrived, or that the receiver says it left out. */
function metBy(collector: LiveCollector): number {
  const { flows, shedEvidence, bad, duplicates } = received(collector);
  return flows + shedEvidence + bad + duplicates;
}

/** True once so many were met, or nothing more came for a minute. */
function overAfter(total: number, collector: LiveCollector): () => boolean {
  let [before, sinceMs] = [0, performance.now()];
  return () => {
    const now = metBy(collector);
    if (now !== before) [before, sinceMs] = [now, performance.now()];
    return now >= total || performance.now() - sinceMs > GIVE_UP_MS;
  };
}

interface Run {
  readonly flows: number;
  readonly seconds: number;
  readonly samples: readonly number[];
  readonly shed: number;
  readonly verdicts: readonly Verdict[];
}

async function receive(child: ChildProcess): Promise<Run> {
  const [news] = (await once(child, 'message')) as [FastNews];
  const builder = new GraphBuilder();
  const startedMs = performance.now();
  const collector = startCollector(news.port, builder, PATIENT);
  const samples = await sampled(overAfter(news.flows, collector), () => metBy(collector));
  const seconds = (performance.now() - startedMs) / 1000;
  await collector.stop();
  const { flows, shedEvidence, bad } = received(collector);
  const left = news.flows - flows - shedEvidence - bad;
  const title = `flows unaccounted for: ${grouped(Math.abs(left))}`;
  const verdicts = [edgesVerdict(edgesOf(builder), news), { title, isFine: left === 0, examples: [] }];
  return { flows: news.flows, seconds, samples, shed: shedEvidence, verdicts };
}

async function run(workloads: number, rounds: number): Promise<Run> {
  const child = fork(SENDER, [workloads, MESSAGES, rounds].map(String));
  try {
    return await receive(child);
  } finally {
    child.kill();
  }
}

/** Receives for about so many minutes as fast as this machine does. False when edges differ or flows are missing. */
export async function soakAtFullSpeed(minutes: number, workloads: number): Promise<boolean> {
  process.stdout.write(
    `\nsoak: about ${minutes} minutes as fast as they are taken, no faults; first a trial\n`,
  );
  const trial = await run(workloads, TRIAL_ROUNDS);
  const perRound = trial.flows / TRIAL_ROUNDS;
  const rounds = Math.max(1, Math.round((minutes * 60 * trial.flows) / trial.seconds / perRound));
  const { flows, seconds, samples, shed, verdicts } = await run(workloads, rounds);
  process.stdout.write(
    `  ${grouped(flows)} flows, ${grouped(flows / seconds)} a second, ${grouped(shed)} shed under pressure\n${memoryLine(samples)}`,
  );
  return printVerdicts(verdicts);
}
