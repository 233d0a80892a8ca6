import { describe, expect, test } from 'vitest';
import {
  checkOptions,
  faultsOf,
  listenAddress,
  readTls,
  type SimulateOptions,
} from '../../../server/cli/simulate-options.ts';

const SERVING: SimulateOptions = { seed: 1, serve: '127.0.0.1:0' };

describe('options that make no sense together are refused', () => {
  test.each<[Partial<SimulateOptions>, string]>([
    [{ output: 'x' }, 'say where the flows go'],
    [{ rate: 5 }, '--rate needs --workloads'],
    [{ workloads: 5 }, 'between 10 and 10000'],
    [{ workloads: 10_001 }, 'between 10 and 10000'],
    [{ file: ['x'], workloads: 50 }, '--workloads is about simulated flows'],
    [{ file: ['x'], minutes: 5 }, '--minutes is about simulated flows'],
    [{ now: true }, '--now moves the times of a --file'],
  ])('%j', (options, said) => {
    expect(() => checkOptions({ ...SERVING, ...options })).toThrow(said);
  });

  test('an export has no server, and a server is not the default', () => {
    expect(() => checkOptions({ seed: 1 })).toThrow('say where the flows go');
    expect(() => checkOptions({ seed: 1, output: 'x', fault: ['mute'] })).toThrow(
      '--fault goes with --serve only',
    );
    expect(() => checkOptions({ seed: 1, output: '-', json: true })).toThrow('--json needs -o with a file');
    expect(() => checkOptions({ seed: 1, output: 'x', workloads: 50, minutes: 1 })).not.toThrow();
  });
});

describe('an address to listen on', () => {
  test.each([
    ['127.0.0.1:4245', '127.0.0.1', 4245],
    ['localhost:0', 'localhost', 0],
    ['[::1]:65535', '::1', 65_535],
    [':4245', '0.0.0.0', 4245],
  ])('%s', (text, host, port) => {
    expect(listenAddress(text)).toEqual({ host, port });
  });

  test.each(['', '4245', '127.0.0.1', '127.0.0.1:', '127.0.0.1:99999', '::1:4245', 'a:b:1', '[::1]'])(
    'is none: %j',
    (text) => {
      expect(() => listenAddress(text)).toThrow('is no address');
    },
  );
});

describe('certificates', () => {
  test('are none, or a certificate with its key', async () => {
    expect(await readTls(SERVING)).toBeUndefined();
    await expect(readTls({ ...SERVING, tlsCert: 'x' })).rejects.toThrow('both --tls-cert and --tls-key');
    await expect(readTls({ ...SERVING, tlsClientCa: 'x' })).rejects.toThrow('both --tls-cert and --tls-key');
    const missing = { ...SERVING, tlsCert: '/nowhere/tls.crt', tlsKey: '/nowhere/tls.key' };
    await expect(readTls(missing)).rejects.toThrow('--tls-cert /nowhere/tls.crt can not be read');
  });
});

test('faults may be given in several options', () => {
  expect(faultsOf({ ...SERVING, fault: ['lose=1%,mute', 'cut=5'] })).toEqual({
    loseShare: 0.01,
    isMute: true,
    cut: { afterMessages: 5 },
  });
  expect(() => faultsOf({ ...SERVING, fault: ['lose=7'] })).toThrow('write it as in lose=1%');
});
