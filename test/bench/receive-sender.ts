import { encodeBlocks } from '../../collector/sources/hubble/observer/fast-blocks.ts';
import { startFastSender } from '../../collector/sources/hubble/observer/fast-sender.ts';
import { frameOf } from '../../collector/sources/hubble/observer/flow-hub.ts';
import { simulatedSource } from '../../collector/sources/hubble/observer/record-source.ts';
import type { ServedRecord } from '../../collector/sources/hubble/observer/served-record.ts';
import { nodeLabels } from './wire-data.ts';

/*
 * A process of its own, so that what sending costs is not counted. Prints its port and how many flows a stream holds.
 */
const NEWEST = 19;
const [workloads = '200', messages = '20000', rounds = '5'] = process.argv.slice(2);
const source = simulatedSource({ seed: 1, workloads: Number(workloads) });
let flows = 0;

/** As servers send it since 1.16 to who asks without a field mask. */
function labelled(record: ServedRecord['record']): ServedRecord['record'] {
  const { flow } = record as { readonly flow?: { readonly node_name?: string } };
  if (flow === undefined) return record;
  return { ...record, flow: { ...flow, node_labels: nodeLabels(flow.node_name ?? '') } };
}

const blocks = await encodeBlocks(
  source,
  (record) => {
    if (record.kind === 'flow') flows += 1;
    return frameOf(labelled(record.record), NEWEST);
  },
  { messages: Number(messages), messagesPerBlock: 64 },
);
const sender = await startFastSender({ host: '127.0.0.1', port: 0, blocks, rounds: Number(rounds) });
const facts = { port: sender.port, flows: flows * Number(rounds), bytes: blocks.bytes / blocks.messages };
process.stdout.write(`${JSON.stringify(facts)}\n`);
