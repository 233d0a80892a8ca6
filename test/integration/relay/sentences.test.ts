import { writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttp2Server, type ServerHttp2Stream } from 'node:http2';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { newAuthority } from '../../support/certificates.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { running } from '../observer/running-observer.ts';
import { type FollowWishes, followed } from './followed.ts';

const AUTHORITY = newAuthority('relay CA');
const OTHER = newAuthority('another CA');

/** Certificates as files, as a secret is mounted. */
function files() {
  const folder = tempFolder();
  const write = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };
  const client = AUTHORITY.issue(['client']);
  return {
    write,
    ca: write('ca.crt', AUTHORITY.cert),
    otherCa: write('other.crt', OTHER.cert),
    clientCert: write('client.crt', client.cert),
    clientKey: write('client.key', client.key),
  };
}

const tlsObserver = (names: readonly string[], more: { days?: number; clientCa?: string } = {}) => {
  const { days = 30, clientCa } = more;
  return running({ tls: { ...AUTHORITY.issue(names, { days }), clientCa } });
};

/** What a person is told when this address is followed. */
async function told(address: string, wishes: FollowWishes = {}): Promise<string | undefined> {
  const { until, collector } = followed([address], wishes);
  const { problem } = await until((now) => now.state === 'failed');
  await collector.stop();
  return problem;
}

async function listening(server: Pick<Server, 'listen' | 'address' | 'close'>): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('over mTLS', () => {
  test('flows arrive with the right certificates, and the name that Relay has', async () => {
    const { ca, clientCert, clientKey } = files();
    const { address } = await tlsObserver(['*.hubble-relay.cilium.io'], { clientCa: AUTHORITY.cert });
    const tls = {
      caFiles: [ca],
      clientCertFile: clientCert,
      clientKeyFile: clientKey,
      serverName: 'instance.hubble-relay.cilium.io',
    };
    const { until } = followed([`tls://${address}`], { tls });
    const { live } = await until((now) => now.summary.flows > 100);
    expect(live.notices.filter((notice) => notice.includes('certificate'))).toEqual([]);
  });

  test('certificates that are replaced on disk are taken up without a restart', async () => {
    const { otherCa: mounted, write } = files();
    const { address } = await tlsObserver(['127.0.0.1']);
    const slow = { backOff: { firstMs: 3_600_000, mostMs: 3_600_000, stableMs: 1 } };
    const { until } = followed([`tls://${address}`], { tls: { caFiles: [mounted] }, tuning: slow });
    await until((now) => now.state === 'failed');
    write('other.crt', `${AUTHORITY.cert}\n`);
    await until((now) => now.summary.flows > 0);
  });

  test('not checking the certificate is possible, and never goes unsaid', async () => {
    const { address } = await tlsObserver(['elsewhere']);
    const { until } = followed([`tls://${address}`], { tls: { allowInsecure: true } });
    const { live } = await until((now) => now.summary.flows > 0);
    expect(live.notices[0]).toContain('is not checked (--tls-allow-insecure)');
  });
});

describe('one sentence says what to do', () => {
  test('where the certificate is signed by a stranger', async () => {
    const { otherCa } = files();
    const { address } = await tlsObserver(['127.0.0.1']);
    const sentence = `The certificate of ${address} is signed by nobody that is trusted here: name the file of its CA with --tls-ca-cert-files.`;
    expect(await told(`tls://${address}`)).toBe(sentence);
    expect(await told(`tls://${address}`, { tls: { caFiles: [otherCa] } })).toBe(
      `The certificate of ${address} is signed by none of the CAs in --tls-ca-cert-files: name the file of the one that signed it.`,
    );
  });

  test('where the file of a CA only looks like one', async () => {
    const damaged = files().write('bad.crt', '-----BEGIN CERTIFICATE-----\nno\n-----END CERTIFICATE-----\n');
    const { address } = await tlsObserver(['127.0.0.1']);
    expect(await told(`tls://${address}`, { tls: { caFiles: [damaged] } })).toBe(
      `${damaged} holds no certificate in PEM form.`,
    );
  });

  test('where the certificate is for another name', async () => {
    const { ca } = files();
    const { address } = await tlsObserver(['*.hubble-relay.cilium.io']);
    expect(await told(`tls://${address}`, { tls: { caFiles: [ca] } })).toContain(
      'is not made out to 127.0.0.1 but to *.hubble-relay.cilium.io: name one of these with --tls-server-name',
    );
  });

  test('where the certificate has expired', async () => {
    const { ca } = files();
    const { address } = await tlsObserver(['127.0.0.1'], { days: -1 });
    expect(await told(`tls://${address}`, { tls: { caFiles: [ca] } })).toContain('has expired: renew it');
  });

  test('where a client certificate is wanted and there is none, or a stranger signed it', async () => {
    const { ca, write } = files();
    const { address } = await tlsObserver(['127.0.0.1'], { clientCa: AUTHORITY.cert });
    expect(await told(`tls://${address}`, { tls: { caFiles: [ca] } })).toBe(
      `${address} asks for a client certificate: name it with --tls-client-cert-file and --tls-client-key-file.`,
    );
    const strange = OTHER.issue(['client']);
    const clientCertFile = write('strange.crt', strange.cert);
    const clientKeyFile = write('strange.key', strange.key);
    expect(
      await told(`tls://${address}`, { tls: { caFiles: [ca], clientCertFile, clientKeyFile } }),
    ).toContain('does not accept the client certificate');
  });

  test('where a plain server is asked with TLS', async () => {
    const { address } = await running();
    expect(await told(`tls://${address}`)).toContain(
      `${address} does not speak TLS: write it without tls://`,
    );
  });

  test('where a server with TLS is asked without', async () => {
    const { address } = await tlsObserver(['127.0.0.1']);
    expect(await told(address)).toBe(`${address} expects TLS: write it as tls://${address}.`);
  });

  test('where nothing listens', async () => {
    const { address, observer } = await running();
    await observer.close();
    expect(await told(address)).toContain(`Nothing listens at ${address}: check host and port`);
  });

  test('where the name is not known', async () => {
    expect(await told('no-such-host.invalid:80')).toContain(
      'The name in no-such-host.invalid:80 is not known here',
    );
  });

  test('where a web server listens, or one that knows HTTP/2 but not gRPC', async () => {
    const web = await listening(createHttpServer((_request, response) => void response.end('hello')));
    expect(await told(web)).toContain(`What listens at ${web} does not speak gRPC (HTTP/2)`);
    const http2 = createHttp2Server();
    http2.on('stream', (stream: ServerHttp2Stream) => {
      stream.respond({ ':status': 200, 'content-type': 'text/plain' });
      stream.end('hello');
    });
    const other = await listening(http2);
    expect(await told(other)).toContain(`What listens at ${other} speaks HTTP/2 but is no gRPC server`);
  });

  test('where somebody listens and never answers', async () => {
    const mute = await listening(createServer((socket) => socket.on('error', () => undefined).resume()));
    expect(await told(mute, { tuning: { connectTimeoutMs: 200 } })).toContain(`${mute} does not answer`);
  });

  test('where a file is missing, or holds something else', async () => {
    const { ca, clientKey, write } = files();
    const missing = await told('tls://127.0.0.1:1', { tls: { caFiles: ['/no/such/ca.crt'] } });
    expect(missing).toBe('/no/such/ca.crt does not exist.');
    const empty = write('empty.crt', 'nothing');
    const wrong = { clientCertFile: empty, clientKeyFile: clientKey, caFiles: [ca] };
    expect(await told('tls://127.0.0.1:1', { tls: wrong })).toBe(
      `${empty} holds no certificate in PEM form.`,
    );
  });
});
