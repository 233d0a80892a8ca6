import { describe, expect, test } from 'vitest';
import { flowMask } from '../../../collector/sources/hubble/observer/field-mask.ts';
import { GrpcError } from '../../../collector/sources/hubble/observer/grpc-status.ts';
import { messageType } from '../../../collector/sources/hubble/wire/schema.ts';
import { flowMessage, SOME_FLOW } from './flow-messages.ts';

const masked = (paths: readonly string[], flow: object = SOME_FLOW): object => {
  const type = messageType('flow.Flow');
  const mask = flowMask(paths, 19);
  const kept = mask?.apply(flowMessage(flow)) ?? {};
  return type.toObject(type.decode(type.encode(kept).finish()), { longs: Number, enums: String });
};

describe('a field mask leaves nothing but what it names', () => {
  test('whole fields and fields of messages', () => {
    expect(masked(['uuid', 'source.pod_name', 'source.identity', 'l4'])).toEqual({
      uuid: SOME_FLOW.uuid,
      source: { identity: 1001, pod_name: 'frontend-7d9c-abcde' },
      l4: SOME_FLOW.l4,
    });
  });

  test('a message that is named beside one of its fields is whole', () => {
    expect(masked(['source.pod_name', 'source'])).toEqual({ source: SOME_FLOW.source });
    expect(masked(['source', 'source.pod_name'])).toEqual({ source: SOME_FLOW.source });
  });

  test('what the flow does not have stays absent; a message named for its fields is there, empty', () => {
    expect(masked(['is_reply', 'source.pod_name', 'l7'], { uuid: 'x' })).toEqual({ source: {} });
  });

  test('of alternatives the one that the flow has', () => {
    const udp = { l4: { UDP: { source_port: 1, destination_port: 53 } } };
    expect(masked(['l4.TCP.destination_port', 'l4.UDP.destination_port'], udp)).toEqual({
      l4: { UDP: { destination_port: 53 } },
    });
  });

  test('no paths, no mask', () => {
    expect(flowMask([], 19)).toBeUndefined();
  });
});

describe('a path that is none is refused', () => {
  test.each([
    'nothing',
    'source.nothing',
    'uuid.x',
    'source.workloads.name',
    'l4.protocol',
    '',
    'source.',
    'constructor',
  ])('%j', (path) => {
    expect(() => flowMask([path], 19)).toThrow(GrpcError);
  });

  test('as is one that is younger than the server', () => {
    expect(flowMask(['aggregate', 'source.cluster_name'], 19)).toBeDefined();
    expect(() => flowMask(['aggregate'], 18)).toThrow('invalid fieldmask');
    expect(() => flowMask(['source.cluster_name'], 15)).toThrow('invalid fieldmask');
    expect(flowMask(['source.cluster_name'], 16)).toBeDefined();
  });
});
