import { MINUTE_MS } from '#core/flow/time.ts';
import { parseFaults } from '../../collector/sources/hubble/observer/fault-plan.ts';
import { startObserver } from '../../collector/sources/hubble/observer/observer.ts';
import { type RecordSource, simulatedSource } from '../../collector/sources/hubble/observer/record-source.ts';
import { longAgo, type SenderNews, trueEdges } from './soak-edges.ts';

/*
 * A process of its own: an Observer that gives flows as fast as they are read, with faults, until it gets a message.
 * Then it draws no more, and when all was played tells what really happened.
 */
const [faultText = '', workloads = '200'] = process.argv.slice(2);
/** What may be in flight between two looks at who reads: half of it. */
const RING = 65_536;

const faults = parseFaults(faultText);
if (!faults.ok) throw new Error(faults.error);
const startAt = longAgo(Date.now());
const simulated = simulatedSource({
  seed: 1,
  workloads: Number(workloads),
  startAt,
  faults: { lostEventsRate: 0, missingNamesRate: 0 },
});
let isAsked = true;
let drawn = 0;
let drawnUntil = startAt;

const source: RecordSource = {
  ...simulated,
  async next() {
    const record = isAsked ? await simulated.next() : undefined;
    if (record?.kind === 'flow') drawn += 1;
    if (record !== undefined) drawnUntil = record.at;
    return record;
  },
};

const observer = await startObserver({
  host: '127.0.0.1',
  port: 0,
  source,
  pace: { speed: 'unpaced', from: undefined, ahead: 'allowed' },
  maxFlows: RING,
  faults: faults.value,
});
const tell = (news: SenderNews): void => void process.send?.(news);
tell({ kind: 'ready', port: observer.port });
process.once('disconnect', () => process.exit(1));
process.once('message', () => {
  isAsked = false;
});
await observer.played;

const { lost, duplicated, reordered, cuts } = observer.tally();
tell({
  kind: 'played',
  drawn,
  lost,
  duplicated,
  reordered,
  cuts,
  conversations: observer.truth?.conversationCount ?? 0,
  ...trueEdges(observer.truth, drawnUntil - MINUTE_MS),
  simulatedMs: drawnUntil - startAt,
});
