import { describe, expect, test } from 'vitest';
import { readJson, readLines } from '../../../collector/inventory/json-stream.ts';
import {
  describeKubeFailure,
  failureOfError,
  failureOfStatus,
} from '../../../collector/inventory/kube-failure.ts';

const bytes = new TextEncoder();

async function* chunksOf(text: string, size: number): AsyncGenerator<Uint8Array, void> {
  const all = bytes.encode(text);
  for (let from = 0; from < all.length; from += size) yield all.subarray(from, from + size);
}

async function lines(text: string, size: number, limit?: number): Promise<readonly unknown[]> {
  const found: unknown[] = [];
  for await (const line of readLines(chunksOf(text, size), limit)) found.push(line);
  return found;
}

describe('the lines of a watch', () => {
  test('are the same however the network cuts them, in the middle of a letter too', async () => {
    const text = '{"a":"ä€😀"}\n\n{"b":2}\n{"c":';
    for (let size = 1; size <= text.length + 8; size += 1)
      expect(await lines(text, size)).toEqual([{ a: 'ä€😀' }, { b: 2 }]);
  });

  test('a line without end is given up at the limit, and what is no JSON is an error, not a gap', async () => {
    await expect(lines('x'.repeat(2000), 100, 1000)).rejects.toMatchObject({
      failure: { code: 'too-large' },
    });
    await expect(lines('{}\nno json\n', 100)).rejects.toMatchObject({ failure: { code: 'malformed' } });
    await expect(readJson(chunksOf(`"${'x'.repeat(2000)}"`, 100), 1000)).rejects.toMatchObject({
      failure: { code: 'too-large' },
    });
  });
});

describe('what an answer or an error means', () => {
  test.each([
    [401, {}, 'unauthenticated'],
    [403, {}, 'forbidden'],
    [404, {}, 'absent'],
    [410, {}, 'expired'],
    [429, {}, 'busy'],
    [503, {}, 'busy'],
    [500, {}, 'server-error'],
    [302, {}, 'server-error'],
    [504, { message: 'Timeout: Too large resource version: 9, current: 1' }, 'expired'],
    [504, { message: 'Timeout' }, 'server-error'],
  ] as const)('status %i with %o is %s', (status, body, code) => {
    expect(failureOfStatus(status, body).code).toBe(code);
  });

  test('a server may ask for a pause, but not for a day', () => {
    expect(failureOfStatus(429, {}, '7')).toMatchObject({ retryAfterMs: 7000 });
    expect(failureOfStatus(429, {}, '86400')).toMatchObject({ retryAfterMs: 60_000 });
    expect(failureOfStatus(429, {}, 'soon')).toMatchObject({ retryAfterMs: undefined });
  });

  test('each is one sentence that names the server', () => {
    const refused = failureOfError(
      Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }),
    );
    const untrusted = failureOfError(
      Object.assign(new Error('self-signed'), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }),
    );
    for (const failure of [refused, untrusted, failureOfStatus(401, {}), failureOfStatus(500, {})]) {
      const sentence = describeKubeFailure(failure, 'https://192.0.2.1:6443');
      expect(sentence).toContain('https://192.0.2.1:6443');
      expect(sentence.endsWith('.')).toBe(true);
    }
    expect(untrusted.code).toBe('untrusted');
  });
});
