import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { GapWatch } from '../../../collector/sources/hubble/relay/gap-watch.ts';
import { unpackedMessage } from '../../../collector/sources/hubble/relay/grpc-call.ts';
import {
  objectionTo,
  outcomeOf,
  timeoutHeader,
} from '../../../collector/sources/hubble/relay/grpc-status.ts';
import { NewsTeller } from '../../../collector/sources/hubble/relay/news.ts';
import { RateMeter } from '../../../collector/sources/hubble/relay/rate-meter.ts';
import { ResumeMark } from '../../../collector/sources/hubble/relay/resume-mark.ts';

describe('how a call ended', () => {
  test('is what the trailers say', () => {
    expect(outcomeOf({ 'grpc-status': '0' })).toEqual({ status: 'OK', message: '' });
    expect(outcomeOf({ 'grpc-status': '7', 'grpc-message': 'kein%20Zutritt%20%C3%BC' })).toEqual({
      status: 'PERMISSION_DENIED',
      message: 'kein Zutritt ü',
    });
  });

  test('is unknown for a code that nobody knows, and nothing without one', () => {
    expect(outcomeOf({ 'grpc-status': '99' })?.status).toBe('UNKNOWN');
    expect(outcomeOf({ 'grpc-status': 'abc' })?.status).toBe('UNKNOWN');
    expect(outcomeOf({})).toBeUndefined();
  });

  test('keeps a message that is wrongly encoded, and cuts a long one', () => {
    expect(outcomeOf({ 'grpc-status': '13', 'grpc-message': '100% broken' })?.message).toBe('100% broken');
    expect(outcomeOf({ 'grpc-status': '13', 'grpc-message': 'x'.repeat(9999) })?.message).toHaveLength(300);
  });

  test('is told from a proxy that speaks HTTP only', () => {
    const grpc = { ':status': 200, 'content-type': 'application/grpc+proto' };
    expect(objectionTo(grpc)).toBeUndefined();
    expect(objectionTo({ ':status': 200, 'content-type': 'text/html' })).toBe('not_grpc');
    expect(objectionTo({ ':status': 404, 'content-type': 'text/html' })).toBe('not_grpc');
    expect(objectionTo({ ':status': 503 })).toEqual({ status: 'UNAVAILABLE', message: 'HTTP 503' });
    expect(objectionTo({ ':status': 403 })).toEqual({ status: 'PERMISSION_DENIED', message: 'HTTP 403' });
  });

  test('comes within a deadline that the header can hold', () => {
    expect([timeoutHeader(0.2), timeoutHeader(10_000), timeoutHeader(1e9)]).toEqual([
      '1m',
      '10000m',
      '1000000S',
    ]);
  });
});

describe('C12 a compressed message', () => {
  test('is unpacked', () => {
    expect(unpackedMessage(gzipSync('hello'))).toEqual(Buffer.from('hello'));
  });

  test('that unpacks to more than 4 MiB, or is damaged, is none', () => {
    expect(unpackedMessage(gzipSync(Buffer.alloc(64 * 1024 * 1024)))).toBeUndefined();
    expect(unpackedMessage(Buffer.from('no gzip'))).toBeUndefined();
  });
});

describe('where a cut stream goes on', () => {
  test('is the earliest time among the arrivals of the last seconds, less the overlap', () => {
    const mark = new ResumeMark();
    mark.meet(100_000, 1_000);
    mark.meet(107_000, 2_500);
    mark.meet(106_000, 2_600);
    expect(mark.since(5_000)).toBe(95_000);
  });

  test('forgets arrivals of long ago', () => {
    const mark = new ResumeMark();
    mark.meet(100_000, 1_000);
    mark.meet(130_000, 31_000);
    mark.meet(150_000, 51_000);
    expect(mark.since(0)).toBe(150_000);
  });

  test('is not led astray by one node whose clock is ahead', () => {
    const mark = new ResumeMark();
    mark.meet(3_700_000, 1_000);
    mark.meet(100_000, 1_100);
    mark.meet(3_701_000, 1_200);
    expect(mark.since(0)).toBe(100_000);
  });

  test('is nowhere before the first flow, after a reset, and never before 1970', () => {
    const mark = new ResumeMark();
    expect(mark.since(0)).toBeUndefined();
    mark.meet(1_000, 1_000);
    expect(mark.since(15_000)).toBe(0);
    mark.reset();
    expect(mark.since(0)).toBeUndefined();
  });
});

describe('a gap between two streams', () => {
  const before = { newestAt: 1000, earliestOfStream: 500, flowsOfStream: 10, duplicates: 0 };
  function gapsAfter(next: Partial<typeof before>): number {
    const watch = new GapWatch();
    watch.streamEnds(before);
    watch.streamOpens(before);
    watch.settle({ ...before, flowsOfStream: 0 });
    watch.settle({ ...before, ...next });
    return watch.gaps;
  }

  test('is counted when the next one begins later and brings nothing back', () => {
    expect(gapsAfter({ earliestOfStream: 2000 })).toBe(1);
  });

  test('is none when the next one brings back what was met, or begins earlier', () => {
    expect(gapsAfter({ earliestOfStream: 2000, duplicates: 3 })).toBe(0);
    expect(gapsAfter({ earliestOfStream: 900 })).toBe(0);
  });
});

test('a log says each failure once, and that it is over', () => {
  const said: string[] = [];
  const news = new NewsTeller(({ sentence }) => said.push(sentence));
  news.connected('relay:80');
  news.failed('It is away.');
  news.failed('It is away.');
  news.failed('It refuses.');
  news.connected('relay:80');
  news.connected('relay:80');
  expect(said).toEqual(['It is away.', 'It refuses.', 'relay:80 is connected again.']);
});

test('a rate is that of the last ten seconds', () => {
  const meter = new RateMeter();
  expect(meter.perSecond()).toBe(0);
  for (let second = 0; second <= 60; second += 1)
    meter.sample(second < 50 ? 0 : (second - 50) * 100, second * 1000);
  expect(meter.perSecond()).toBe(100);
});
