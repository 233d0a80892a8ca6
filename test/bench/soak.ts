import { type ChildProcess, fork } from 'node:child_process';
import { on } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { GraphBuilder } from '#core/graph/graph-builder.ts';
import type { LiveCollector } from '../../collector/main.ts';
import { machineLine } from './machine.ts';
import { edgesVerdict, printVerdicts, type SenderNews, type Verdict } from './soak-edges.ts';
import { soakAtFullSpeed } from './soak-full-speed.ts';
import { edgesOf, memoryLine, type Received, received, sampled, startCollector } from './soak-receiver.ts';
import { fixed, grouped, renderTable } from './table.ts';

/*
 * Flows for minutes on end, as fast as they can be made, with faults: does memory stay flat, are the edges those that
 * really happened, and is everything that was lost accounted for?
 */
const FAULTS = 'cut=40s,duplicate=1%,lose=0.5%,reorder=1%';
const WORKLOADS = 200;
const SENDER = fileURLToPath(new URL('soak-sender.ts', import.meta.url));
/** Nothing new for so long: what is missing will not come. */
const GIVE_UP_MS = 90_000;

type Played = Extract<SenderNews, { kind: 'played' }>;

/** Minutes to soak: `BULKHEAD_SOAK_MINUTES`, or ten. */
export function soakMinutes(text: string | undefined = process.env['BULKHEAD_SOAK_MINUTES']): number {
  const minutes = Number(text ?? 10);
  if (!(minutes > 0)) throw new RangeError('minutes to soak must be a number above 0');
  return minutes;
}

/** The sender's messages, one at a time; throws when it ends before. */
function newsOf(child: ChildProcess): () => Promise<SenderNews> {
  const end = new AbortController();
  child.once('exit', () => end.abort(new Error('the sender ended')));
  const messages = on(child, 'message', { signal: end.signal });
  return async () => {
    const { value = [] } = await messages.next();
    return value[0] as SenderNews;
  };
}

/** Flows that nobody can say anything about: 0 when every one of them arrived or was counted as lost. */
const unaccounted = (played: Played, { flows, shedEvidence, bad }: Received): number =>
  played.drawn - played.lost - flows - shedEvidence - bad;

/** Waits for what is on its way, until nothing more comes. */
async function settled(played: Played, collector: LiveCollector): Promise<void> {
  let [before, sinceMs] = [-1, performance.now()];
  while (performance.now() - sinceMs < GIVE_UP_MS) {
    const now = received(collector);
    if (unaccounted(played, now) === 0 && now.toldLost >= played.lost) return;
    if (now.flows !== before) [before, sinceMs] = [now.flows, performance.now()];
    await wait(100);
  }
}

function judged(played: Played, facts: Received, builder: GraphBuilder): readonly Verdict[] {
  const left = unaccounted(played, facts);
  return [
    edgesVerdict(edgesOf(builder), played),
    { title: `flows unaccounted for: ${grouped(Math.abs(left))}`, isFine: left === 0, examples: [] },
    {
      title: `lost by the fault ${grouped(played.lost)}, counted as lost ${grouped(facts.toldLost)}`,
      isFine: facts.toldLost === played.lost,
      examples:
        facts.toldLost > played.lost
          ? ['more than were lost: told again by streams that followed a cut']
          : [],
    },
  ];
}

function report(played: Played, collector: LiveCollector): void {
  const facts = received(collector);
  const rows = [
    ['reported by the cluster', grouped(played.drawn)],
    ['lost on purpose', grouped(played.lost)],
    ['sent twice on purpose', grouped(played.duplicated)],
    ['sent late on purpose', grouped(played.reordered)],
    ['received, each once', grouped(facts.flows)],
    ['left out as met before', grouped(facts.duplicates)],
    ['shed under pressure', grouped(facts.shedEvidence)],
    ['damaged', grouped(facts.bad)],
  ];
  process.stdout.write(
    `${renderTable(['flows', ''], rows)}  ${played.cuts} streams cut, ${facts.reconnects} resumed, ${facts.gaps} gaps; ` +
      `${grouped(played.conversations)} conversations really, ${grouped(facts.conversations)} counted; ` +
      `${fixed(played.simulatedMs / 3_600_000, 1)} simulated hours\n`,
  );
}

/** With faults, as fast as an Observer makes flows. */
async function soakWithFaults(minutes: number): Promise<boolean> {
  process.stdout.write(`\nsoak: ${minutes} minutes, ${WORKLOADS} workloads, faults ${FAULTS}\n`);
  const child = fork(SENDER, [FAULTS, String(WORKLOADS)]);
  try {
    const next = newsOf(child);
    const ready = await next();
    if (ready.kind !== 'ready') throw new Error('the sender was not ready');
    const builder = new GraphBuilder();
    const collector = startCollector(ready.port, builder);
    const untilMs = performance.now() + minutes * 60_000;
    const samples = await sampled(
      () => performance.now() >= untilMs,
      () => collector.coverage().flows,
    );
    child.send('enough');
    const played = await next();
    if (played.kind !== 'played') throw new Error('the sender told no truth');
    await settled(played, collector);
    await collector.stop();
    report(played, collector);
    process.stdout.write(memoryLine(samples));
    return printVerdicts(judged(played, received(collector), builder));
  } finally {
    child.kill();
  }
}

/**
 * Soaks for so many minutes with faults, then a fifth of that at full speed, and prints what came of it. False when
 * edges differ or a loss is not accounted for; memory is only judged in what is printed.
 */
export async function soak(minutes: number): Promise<boolean> {
  const withFaults = await soakWithFaults(minutes);
  const atFullSpeed = await soakAtFullSpeed(minutes / 5, WORKLOADS);
  return withFaults && atFullSpeed;
}

if (import.meta.main) {
  process.stdout.write(`${machineLine()}\n`);
  if (!(await soak(soakMinutes(process.argv[2])))) process.exitCode = 1;
}
