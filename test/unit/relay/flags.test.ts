import { describe, expect, test } from 'vitest';
import { relayTargets } from '../../../server/cli/relay-flags.ts';
import { durationMs } from '../../../server/cli/serve-options.ts';

const read = (flags: Parameters<typeof relayTargets>[0], env: Parameters<typeof relayTargets>[1] = {}) =>
  relayTargets(flags, env).map(({ address, tls }) => ({
    at: `${address.isTls ? 'tls ' : ''}${address.text}`,
    tls,
  }));

describe('servers on the command line', () => {
  test('are none without one', () => {
    expect(read({})).toEqual([]);
  });

  test('are each named once, with TLS where their own address or --tls asks for it', () => {
    const named = read({ hubble: ['a:1', 'tls://b:2', 'a:1'] });
    expect(named.map(({ at }) => at)).toEqual(['a:1', 'tls b:2']);
    expect(read({ hubble: ['a:1'], tls: true })[0]?.at).toBe('tls a:1');
  });

  test('come from the environment of Hubble’s own UI when no option names one', () => {
    const env = {
      FLOWS_API_ADDR: 'hubble-relay:443',
      TLS_TO_RELAY_ENABLED: 'true',
      TLS_RELAY_SERVER_NAME: 'ui.hubble-relay.cilium.io',
      TLS_RELAY_CA_CERT_FILES: '/certs/a.crt,/certs/b.crt',
      TLS_RELAY_CLIENT_CERT_FILE: '/certs/client.crt',
      TLS_RELAY_CLIENT_KEY_FILE: '/certs/client.key',
    };
    expect(read({}, env)).toEqual([
      {
        at: 'tls hubble-relay:443',
        tls: {
          caFiles: ['/certs/a.crt', '/certs/b.crt'],
          clientCertFile: '/certs/client.crt',
          clientKeyFile: '/certs/client.key',
          serverName: 'ui.hubble-relay.cilium.io',
          allowInsecure: false,
        },
      },
    ]);
    expect(read({ hubble: ['other:1'] }, { FLOWS_API_ADDR: 'x:1' })[0]?.at).toBe('other:1');
  });

  test('can not be left unchecked by the environment', () => {
    const env = { FLOWS_API_ADDR: 'tls://x:1', TLS_ALLOW_INSECURE: '1', TLS_RELAY_ALLOW_INSECURE: 'true' };
    expect(read({}, env)[0]?.tls.allowInsecure).toBe(false);
  });

  test.each([
    [{ hubble: ['http://x:1'] }, '--hubble http://x:1: http:// is not used here: write x:1 instead.'],
    [{ hubble: ['x:1'], tlsServerName: 'y' }, 'have no effect on a server without TLS'],
    [{ tlsServerName: 'y' }, '--tls options need a server: name it with --hubble.'],
    [{ hubble: ['tls://x'], tlsClientCertFile: 'c' }, 'belong together: name both.'],
    [{ hubble: ['\u001b[2Jx'] }, '--hubble \\u{1b}[2Jx: It is no host and port.'],
  ])('%j is refused in one sentence', (flags, sentence) => {
    expect(() => relayTargets(flags, {})).toThrow(sentence);
  });
});

test('a duration is written like 90m, 24h or 7d', () => {
  expect(['30s', '90m', '24h', '7d', '1.5h'].map(durationMs)).toEqual([
    30_000, 5_400_000, 86_400_000, 604_800_000, 5_400_000,
  ]);
  for (const wrong of ['', '5', 'h', '-1h', '7w', '0s', '0.1s', '9999d', '1e3s']) {
    expect(() => durationMs(wrong), wrong).toThrow('Write it like');
  }
});
