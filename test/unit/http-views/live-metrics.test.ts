import { expect, test } from 'vitest';
import type { LiveHealth } from '#core/flow/live-health.ts';
import { createMetrics } from '../../../server/adapters/http/metrics.ts';
import { FakeWorkspace } from '../../support/fake-workspace.ts';

const SILENT: LiveHealth = {
  isConnected: false,
  version: undefined,
  connectedNodes: undefined,
  unavailableNodes: undefined,
  flowsPerSecond: 0,
  lagMs: undefined,
  lastFlowAt: undefined,
  reconnects: 0,
  duplicates: 0,
  shedEvidence: 0,
  gaps: 0,
  notices: [],
};

test('what is not known of a source has no series, and each that is followed tells its losses', async () => {
  const workspace = new FakeWorkspace();
  const [source] = workspace.sourceList;
  if (source === undefined) throw new Error('a workspace has a source');
  const show = async (live: LiveHealth) => {
    const lost = [{ source: 'PERF_EVENT_RING_BUFFER', count: 7n }];
    workspace.sourceList = [{ ...source, live, summary: { ...source.summary, lost, badRecords: 3 } }];
    const text = await metrics.text();
    return text.split('\n').filter((line) => line.startsWith('bulkhead_source_'));
  };
  const metrics = createMetrics(workspace, '0.0.0');

  const known = await show({
    ...SILENT,
    isConnected: true,
    lagMs: 1500,
    lastFlowAt: 2000,
    unavailableNodes: 0,
  });
  expect(known).toContain('bulkhead_source_lag_seconds{source="0"} 1.5');
  expect(known).toContain('bulkhead_source_last_flow_timestamp_seconds{source="0"} 2');
  expect(known).toContain('bulkhead_source_lost_events{source="0"} 7');
  expect(known).toContain('bulkhead_source_bad_records{source="0"} 3');

  const unknown = await show(SILENT);
  expect(unknown).toContain('bulkhead_source_connected{source="0"} 0');
  expect(unknown.filter((line) => /lag_seconds|last_flow|unavailable_nodes/.test(line))).toEqual([]);
});
