import type { Pipeline } from './pipeline.ts';
import type { DecodedRecord } from './sources/hubble/decode.ts';

const SILENT_STATES: ReadonlySet<string> = new Set(['NODE_UNAVAILABLE', 'NODE_GONE', 'NODE_ERROR']);

/** Gives a decoded record to a pipeline, whatever it is about; one that says nothing of traffic changes nothing. */
export function feedRecord(pipeline: Pipeline, record: DecodedRecord): void {
  if (record.kind === 'flow') {
    if (record.timeless) pipeline.addTimeless(record.flow);
    else pipeline.add(record.flow);
  } else if (record.kind === 'lost') pipeline.lost(record.count);
  else if (record.kind === 'node-status') {
    pipeline.nodeStatus(record.nodes, SILENT_STATES.has(record.state) ? 'silent' : 'connected');
  }
}
