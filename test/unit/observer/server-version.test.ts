import { describe, expect, test } from 'vitest';
import {
  asSentBy,
  knows,
  parseServerVersion,
  SERVER_MINORS,
} from '../../../collector/sources/hubble/observer/server-version.ts';
import { messageType } from '../../../collector/sources/hubble/wire/schema.ts';

const FULL = {
  flow: {
    uuid: 'x',
    trace_reason: 1,
    node_labels: ['a=b'],
    file: { name: 'bpf_lxc.c', line: 7 },
    policy_log: ['because'],
    aggregate: { ingress_flow_count: 2 },
    emitter: { name: 'hubble' },
    source: { pod_name: 'a', cluster_name: 'east' },
    IP: { source: '10.0.0.1', source_xlated: '192.0.2.1' },
    egress_allowed_by: [{ name: 'p', kind: 'NetworkPolicy' }],
    egress_denied_by: [{ name: 'q', kind: 'NetworkPolicy' }],
  },
};

describe('an older server sends what it knows', () => {
  test.each([
    [14, { uuid: 'x', source: { pod_name: 'a' }, IP: { source: '10.0.0.1' } }],
    [
      15,
      {
        uuid: 'x',
        source: { pod_name: 'a' },
        IP: { source: '10.0.0.1' },
        egress_allowed_by: [{ name: 'p' }],
      },
    ],
    [
      16,
      {
        uuid: 'x',
        trace_reason: 1,
        node_labels: ['a=b'],
        source: FULL.flow.source,
        IP: FULL.flow.IP,
        egress_allowed_by: [{ name: 'p' }],
        egress_denied_by: [{ name: 'q' }],
      },
    ],
  ] as const)('1.%i', (minor, flow) => {
    expect(asSentBy(FULL, minor)).toEqual({ flow });
  });

  test('1.18 has everything but what came with 1.19, which has all', () => {
    const { aggregate, emitter, ...older } = FULL.flow;
    expect([aggregate, emitter]).not.toContain(undefined);
    expect(asSentBy(FULL, 18)).toEqual({ flow: older });
    expect(asSentBy(FULL, 19)).toBe(FULL);
  });

  test('each field whose age is known is a field of the protocol', () => {
    const names = { Flow: 'flow.Flow', Endpoint: 'flow.Endpoint', FlowFilter: 'flow.FlowFilter' } as const;
    for (const [message, type] of Object.entries(names)) {
      const younger = messageType(type).fieldsArray.filter(({ name }) => !knows(14, message, name));
      expect(younger.length, message).toBeGreaterThan(0);
      expect(younger.every(({ name }) => knows(19, message, name))).toBe(true);
    }
  });
});

test('a version is one of those whose shape is known', () => {
  expect(SERVER_MINORS.map((minor) => parseServerVersion(`1.${minor}.2`))).toEqual([...SERVER_MINORS]);
  expect(parseServerVersion('v1.16')).toBe(16);
  for (const text of ['1.13', '1.20', '2.16', '1.16.x', '1', ''])
    expect(parseServerVersion(text)).toBeUndefined();
});
