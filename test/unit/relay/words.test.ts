import { describe, expect, test } from 'vitest';
import { parseRelayAddress } from '../../../collector/sources/hubble/relay/address.ts';
import {
  CALL_FAILURES,
  callFailure,
  failureOfError,
  statusFailure,
} from '../../../collector/sources/hubble/relay/call-failure.ts';
import { describeCallFailure } from '../../../collector/sources/hubble/relay/describe-failure.ts';
import { diagnose, type StreamFacts } from '../../../collector/sources/hubble/relay/diagnose.ts';
import { GRPC_STATUS } from '../../../collector/sources/hubble/relay/grpc-status.ts';

describe('an address', () => {
  const read = (text: string, tls: 'tls' | 'as-written' = 'as-written') => {
    const parsed = parseRelayAddress(text, tls);
    return parsed.ok ? `${parsed.value.isTls ? 'tls ' : ''}${parsed.value.text}` : parsed.error;
  };

  test.each([
    ['localhost:4245', 'localhost:4245'],
    ['hubble-relay.kube-system', 'hubble-relay.kube-system:80'],
    ['tls://relay.example', 'tls relay.example:443'],
    ['TLS://relay.example:4245/', 'tls relay.example:4245'],
    ['10.0.0.1:80', '10.0.0.1:80'],
    ['[::1]:4245', '[::1]:4245'],
    ['[fe80::1%eth0]', '[fe80::1%eth0]:80'],
    ['unix:///var/run/cilium/hubble.sock', 'unix:///var/run/cilium/hubble.sock'],
  ])('%s is read as %s', (text, expected) => {
    expect(read(text)).toBe(expected);
  });

  test('has TLS without its prefix when all are to have it', () => {
    expect(read('relay:4245', 'tls')).toBe('tls relay:4245');
  });

  test.each([
    ['', 'It is no address.'],
    ['relay:0', 'The port must be 1 to 65535.'],
    ['relay:99999', 'The port must be 1 to 65535.'],
    ['re lay:80', 'It is no host and port.'],
    ['user@relay:80', 'It is no host and port.'],
    ['::1:4245', 'An IPv6 address stands in brackets'],
    ['https://relay:443', 'write tls://relay:443 instead'],
    ['http://relay:80', 'write relay:80 instead'],
    ['unix://relative', 'unix:///with/its/path'],
    ['x'.repeat(400), 'It is no address.'],
  ])('%s is refused in one sentence', (text, part) => {
    expect(read(text)).toContain(part);
  });
});

describe('a failure', () => {
  const PLACE = { address: 'relay:4245', serverName: 'relay' };

  test('is one sentence for each code, which names what it is about', () => {
    for (const code of CALL_FAILURES.filter((each) => each !== 'status' && each !== 'tls_files')) {
      const sentence = describeCallFailure(callFailure(code, 'detail'), PLACE);
      expect(sentence).toContain('relay:4245');
      expect(sentence).toMatch(/\.$/);
    }
  });

  test('of a unix socket speaks of its path and the agent, not of ports and Relay', () => {
    const place = { address: 'unix:///run/hubble.sock', serverName: 'localhost' };
    expect(describeCallFailure(callFailure('refused'), place)).toBe(
      'Nothing listens at unix:///run/hubble.sock: check the path, and that the agent runs on this node with Hubble enabled.',
    );
  });

  test('is one sentence for each status of gRPC', () => {
    for (const status of GRPC_STATUS) {
      expect(describeCallFailure(statusFailure(status, ''), PLACE)).toMatch(/^.*relay:4245.*\.$/);
    }
  });

  test('of a certificate for another name says which names it has, and how to name one', () => {
    const error = Object.assign(new Error('x'), {
      code: 'ERR_TLS_CERT_ALTNAME_INVALID',
      cert: { subjectaltname: 'DNS:*.hubble-relay.cilium.io' },
    });
    const failure = failureOfError(error, { hasClientCertificate: false });
    expect(failure).toEqual(callFailure('certificate_name', '*.hubble-relay.cilium.io'));
    expect(describeCallFailure(failure ?? callFailure('cut'), PLACE)).toBe(
      'The certificate of relay:4245 is not made out to relay but to *.hubble-relay.cilium.io: name one of these with --tls-server-name (instance.hubble-relay.cilium.io for *.hubble-relay.cilium.io).',
    );
  });

  test('of TLS is laid to a missing client certificate only where there is none', () => {
    const error = { code: 'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA' };
    const codes = [true, false].map((has) => failureOfError(error, { hasClientCertificate: has })?.code);
    expect(codes).toEqual(['client_certificate_refused', 'client_certificate_missing']);
  });

  test('that only says the connection is gone is left to who knows more', () => {
    expect(failureOfError({ code: 'ECONNRESET' }, { hasClientCertificate: false })).toBeUndefined();
  });
});

describe('connected, but nothing arrives', () => {
  const SERVER = {
    version: '1.19.4',
    connectedNodes: 3,
    unavailableNodes: 0,
    unavailable: [],
    flows: 10,
    maxFlows: 4095,
    seenFlows: 10,
  };
  const SILENT: StreamFacts = {
    address: 'relay:80',
    openMs: 60_000,
    flows: 0,
    unreadable: 0,
    health: 'SERVING',
    server: SERVER,
    seenSinceOpen: 0,
    nodes: undefined,
    lagMs: undefined,
    gaps: 0,
  };
  const told = (facts: Partial<StreamFacts>) => diagnose({ ...SILENT, ...facts }).join(' ');

  test('is nothing to worry about for some seconds, or when flows arrive', () => {
    expect(told({ openMs: 5_000 })).toBe('');
    expect(told({ flows: 1, lagMs: 200 })).toBe('');
  });

  test('because Relay has no node', () => {
    const server = { ...SERVER, connectedNodes: 0, unavailableNodes: 2, unavailable: ['a', 'b'] };
    expect(told({ server })).toContain('is connected to no node. 2 are unavailable: a, b; check that Hubble');
    expect(told({ server: { ...SERVER, connectedNodes: 0 } })).toContain('It knows of none');
  });

  test('because something filters them or this client may not read them', () => {
    expect(told({ seenSinceOpen: 512 })).toContain(
      'though it saw 512 flows since: either this client may not',
    );
  });

  test('because there is no traffic', () => {
    expect(told({ server: { ...SERVER, seenFlows: 0 } })).toContain(
      'it has seen no flow since it was started',
    );
    expect(told({})).toContain('it saw 10 flows before and none since');
  });

  test('and the server does not say why', () => {
    expect(told({ server: undefined })).toContain('does not say whether it sees any flow');
  });

  test('or flows arrive with a clock that is wrong', () => {
    expect(told({ flows: 9, lagMs: 3 * 3_600_000 })).toContain('are 3 hours old when they arrive');
    expect(told({ flows: 9, lagMs: -600_000 })).toContain("are 10 minutes ahead of this machine's clock");
  });

  test('is not said when what arrives can not be read, which is', () => {
    expect(told({ unreadable: 7 })).toBe(
      "Nothing that relay:80 sends can be read: check that it is a server of Hubble's protocol, and that nothing between changes what it says.",
    );
    expect(told({ flows: 30, unreadable: 10, lagMs: 0 })).toContain('Only 30 of 40 messages that relay:80');
    expect(told({ flows: 3000, unreadable: 10, lagMs: 0 })).toBe('');
  });

  test('or some nodes are away, which are named', () => {
    const nodes = [
      { name: 'node-1', version: undefined, state: 'NODE_CONNECTED' },
      { name: 'node-2', version: undefined, state: 'NODE_UNAVAILABLE' },
    ];
    const server = { ...SERVER, unavailableNodes: 1 };
    expect(told({ flows: 9, lagMs: 0, server, nodes })).toBe(
      '1 node is unavailable to relay:80: node-2: what happens there is not seen.',
    );
  });

  test('or the server says that it is not ready', () => {
    expect(told({ flows: 1, health: 'NOT_SERVING' })).toContain('not ready to serve (NOT_SERVING)');
  });
});
