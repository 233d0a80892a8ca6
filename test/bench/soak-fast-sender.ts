import { MINUTE_MS } from '#core/flow/time.ts';
import { encodeBlocks } from '../../collector/sources/hubble/observer/fast-blocks.ts';
import { startFastSender } from '../../collector/sources/hubble/observer/fast-sender.ts';
import { frameOf } from '../../collector/sources/hubble/observer/flow-hub.ts';
import { simulatedSource } from '../../collector/sources/hubble/observer/record-source.ts';
import { type FastNews, longAgo, trueEdges } from './soak-edges.ts';

/*
 * A process of its own: the same flows in rounds, each with new ids and later times, as fast as they are read.
 */
const [workloads = '200', messages = '40000', rounds = '1'] = process.argv.slice(2);
const NEWEST = 19;
const startAt = longAgo(Date.now());
const source = simulatedSource({
  ...{ seed: 1, workloads: Number(workloads), startAt },
  faults: { lostEventsRate: 0, missingNamesRate: 0 },
});
let drawnUntil = startAt;
let flows = 0;
const blocks = await encodeBlocks(
  source,
  ({ at, kind, record }) => {
    drawnUntil = at;
    if (kind === 'flow') flows += 1;
    return frameOf(record, NEWEST);
  },
  { messages: Number(messages), messagesPerBlock: 64 },
);
const sender = await startFastSender({ host: '127.0.0.1', port: 0, blocks, rounds: Number(rounds) });
process.once('disconnect', () => process.exit(1));
const news: FastNews = {
  port: sender.port,
  flows: flows * Number(rounds),
  ...trueEdges(source.truth, drawnUntil - MINUTE_MS),
};
process.send?.(news);
