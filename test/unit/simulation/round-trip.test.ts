import { describe, expect, test } from 'vitest';
import type { Flow } from '#core/flow/flow.ts';
import { flowOf } from '#core/simulation/observation.ts';
import { createHubbleDecoder } from '../../../collector/sources/hubble/decode.ts';
import { createHubbleEncoder } from '../../../collector/sources/hubble/encode.ts';
import { afterMinutes, tell } from './simulated.ts';

/** The decoder keeps the shape of a path only. */
function withPathShape(flow: Flow): Flow {
  const http = flow.l7?.http;
  if (flow.l7 === undefined || http === undefined) return flow;
  return { ...flow, l7: { ...flow.l7, http: { ...http, path: http.path.replace(/\d+/g, ':id') } } };
}

describe('a simulated export', () => {
  test.each([
    ['the shop', {}],
    ['a generated cluster', { workloads: 30 }],
  ])('of %s decodes to exactly the flows that were encoded', (_, options) => {
    const { observations } = tell({ seed: 9, until: afterMinutes(40), ...options });
    const encode = createHubbleEncoder();
    const decoder = createHubbleDecoder();
    expect(observations.length).toBeGreaterThan(0);
    for (const observation of observations) {
      const record = decoder.decode(encode({ kind: 'flow', observation }));
      expect(record).toMatchObject({ kind: 'flow', shape: 'wrapped', timeless: false });
      expect('flow' in record && record.flow).toEqual(withPathShape(flowOf(observation)));
    }
  });

  test('decodes its lost events and node states to what happened', () => {
    const { told } = tell({ seed: 9, until: afterMinutes(60), faults: { lostEventsRate: 0.01 } });
    const encode = createHubbleEncoder();
    const decoder = createHubbleDecoder();
    const lost = told.filter((event) => event.kind === 'lost-events');
    expect(lost.length).toBeGreaterThan(0);
    for (const event of lost) {
      expect(decoder.decode(encode(event))).toMatchObject({
        kind: 'lost',
        count: BigInt(event.count),
        node: event.node,
      });
    }
    const [first] = told;
    if (first === undefined) throw new Error('nothing was told');
    expect(decoder.decode(encode(first))).toMatchObject({ kind: 'node-status', state: 'NODE_CONNECTED' });
  });
});
