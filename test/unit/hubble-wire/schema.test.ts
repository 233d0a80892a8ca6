import { describe, expect, test } from 'vitest';
import { messageType, observerRoot, serviceType } from '../../../collector/sources/hubble/wire/schema.ts';

const numbersIn = (message: string): Record<string, number> =>
  Object.fromEntries(messageType(message).fieldsArray.map(({ name, id }) => [name, id]));

describe('the protocol, as public documentation has it', () => {
  test.each([
    [
      'observer.GetFlowsRequest',
      { number: 1, first: 9, follow: 3, blacklist: 5, whitelist: 6, since: 7, until: 8, field_mask: 10 },
    ],
    ['observer.GetFlowsRequest', { experimental: 999, extensions: 150_000 }],
    ['observer.GetFlowsRequest.Experimental', { field_mask: 1 }],
    ['observer.GetFlowsResponse', { flow: 1, node_status: 2, lost_events: 3, node_name: 1000, time: 1001 }],
    ['flow.Endpoint', { cluster_name: 7 }],
    ['flow.IP', { source_xlated: 5 }],
    ['flow.Policy', { kind: 5 }],
    [
      'flow.Flow',
      {
        reply: 16,
        is_reply: 26,
        trace_reason: 36,
        node_labels: 37,
        file: 38,
        tunnel: 39,
        ip_trace_id: 40,
        emitter: 41,
        egress_denied_by: 21_004,
        ingress_denied_by: 21_005,
        policy_log: 21_006,
        aggregate: 21_007,
      },
    ],
    ['flow.LostEvent', { source: 1, num_events_lost: 2, cpu: 3, first: 4, last: 5 }],
    ['relay.NodeStatusEvent', { state_change: 1, node_names: 2, message: 3 }],
    ['grpc.health.v1.HealthCheckResponse', { status: 1 }],
  ])('%s has the numbers that servers use', (message, expected) => {
    expect(numbersIn(message)).toMatchObject(expected);
  });

  test('drop reasons, trace points and states have the numbers that servers send', () => {
    const values = (name: string): Record<string, number> => observerRoot().lookupEnum(name).values;
    expect(values('flow.DropReason')).toMatchObject({
      DROP_REASON_UNKNOWN: 0,
      POLICY_DENIED: 133,
      POLICY_DENY: 181,
      AUTH_REQUIRED: 189,
      DROP_HOST_NOT_READY: 202,
      DROP_PUNT_PROXY: 205,
    });
    expect(values('flow.TraceObservationPoint')).toMatchObject({
      TO_PROXY: 1,
      FROM_CRYPTO: 12,
      TO_ENDPOINT: 101,
    });
    expect(values('flow.Verdict')).toMatchObject({ FORWARDED: 1, DROPPED: 2, AUDIT: 4, TRANSLATED: 7 });
    expect(values('relay.NodeState')).toMatchObject({ NODE_CONNECTED: 1, NODE_ERROR: 4 });
    expect(values('grpc.health.v1.HealthCheckResponse.ServingStatus')).toMatchObject({ SERVING: 1 });
  });

  test('no number is used twice in a message, and every type that is named exists', () => {
    const root = observerRoot();
    const messages = ['flow', 'observer', 'relay'].flatMap((name) => root.lookup(name)?.toJSON() ?? []);
    expect(messages).toHaveLength(3);
    expect(() => root.resolveAll()).not.toThrow();
    const numbers = Object.values(numbersIn('flow.Flow'));
    expect(new Set(numbers).size).toBe(numbers.length);
  });

  test('fields are as proto3 has them: absent when zero, numbers packed', () => {
    const { fields } = messageType('flow.Flow');
    expect(fields['verdict']?.resolve().hasPresence).toBe(false);
    expect(messageType('flow.FlowFilter').fields['reply']?.packed).toBe(true);
  });

  test('the services offer what a client calls', () => {
    expect(Object.keys(serviceType('observer.Observer').methods)).toEqual([
      'GetFlows',
      'GetNodes',
      'GetNamespaces',
      'ServerStatus',
    ]);
    expect(serviceType('observer.Observer').methods['GetFlows']?.responseStream).toBe(true);
    expect(Object.keys(serviceType('grpc.health.v1.Health').methods)).toEqual(['Check', 'Watch']);
  });
});
