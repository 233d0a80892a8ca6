import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { credentials } from '@grpc/grpc-js';
import { describe, expect, onTestFinished, test } from 'vitest';
import { newAuthority } from '../../support/certificates.ts';
import { bulkhead } from '../../support/cli.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { flowsOf, ObserverClient, type Plain } from './observer-client.ts';

const BIN = fileURLToPath(new URL('../../../server/cli/bulkhead.ts', import.meta.url));

interface Serving {
  readonly address: string;
  /** Asks it to end and gives its exit code and all it printed. */
  stop(): Promise<{ readonly code: number | null; readonly out: string; readonly err: string }>;
}

/** The address in the command's first line; rejects with all it printed when it ends before. */
function addressOf(child: ChildProcess, printed: () => string): Promise<string> {
  return new Promise((resolve, reject) => {
    child.stdout?.on('data', () => {
      const address = / on (\S+)\n/.exec(printed())?.[1];
      if (address !== undefined) resolve(address);
    });
    child.once('close', () => reject(new Error(`it ended: ${printed()}`)));
  });
}

async function serving(args: readonly string[], cwd = tempFolder()): Promise<Serving> {
  const child = spawn(process.execPath, [BIN, 'simulate', '--serve', '127.0.0.1:0', ...args], { cwd });
  onTestFinished(() => void child.kill('SIGKILL'));
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    err += chunk.toString();
  });
  const address = await addressOf(child, () => `${out}${err}`);
  return {
    address,
    stop: async () => {
      const ended = once(child, 'close');
      child.kill('SIGTERM');
      const [code] = (await ended) as [number | null];
      return { code, out, err };
    },
  };
}

describe('bulkhead simulate --serve', () => {
  test('serves the shop up to now, and ends when it is asked to', async () => {
    const { address, stop } = await serving(['--backlog', '3m']);
    const before = Date.now();
    const flows = flowsOf(await new ObserverClient(address).flows({ follow: true, number: 50 }).until(51));
    const time = flows.at(-1)?.['time'] as Plain | undefined;
    const last = Number(time?.['seconds']) * 1000;
    expect(Math.abs(before - last)).toBeLessThan(180_000);
    const { code, out } = await stop();
    expect(code).toBe(0);
    expect(out).toMatch(/flows? received, [\d ]+ messages sent\n$/);
  });

  test('writes what really happened when it stops, with what its faults did', async () => {
    const cwd = tempFolder();
    const { address, stop } = await serving(
      [
        '--minutes',
        '2',
        '--backlog',
        '2m',
        '--fault',
        'lose=5%',
        '--fault',
        'duplicate=1%',
        '--truth',
        'truth.json',
        '--json',
      ],
      cwd,
    );
    const client = new ObserverClient(address);
    await client.flows({ follow: true, number: 1 }).until(2);
    const { code, out } = await stop();
    expect(code).toBe(0);
    const truth = JSON.parse(readFileSync(join(cwd, 'truth.json'), 'utf8')) as {
      readonly conversations: number;
      readonly edges: readonly { readonly conversations: number }[];
      readonly served: { readonly lost: number };
    };
    expect(truth.edges.reduce((sum, edge) => sum + edge.conversations, 0)).toBe(truth.conversations);
    expect(truth.served.lost).toBeGreaterThan(0);
    const tally = JSON.parse(out.slice(out.indexOf('{'))) as { readonly lost: number };
    expect(tally.lost).toBe(truth.served.lost);
  });

  test('speaks TLS and asks for certificates', async () => {
    const cwd = tempFolder();
    const authority = newAuthority('command test');
    const server = authority.issue(['relay.example']);
    const own = authority.issue(['client.example']);
    writeFileSync(join(cwd, 'ca.crt'), authority.cert);
    writeFileSync(join(cwd, 'tls.crt'), server.cert);
    writeFileSync(join(cwd, 'tls.key'), server.key);
    const { address, stop } = await serving(
      ['--tls-cert', 'tls.crt', '--tls-key', 'tls.key', '--tls-client-ca', 'ca.crt'],
      cwd,
    );
    expect(address).toMatch(/^tls:\/\//);
    const options = (cert?: string, key?: string) => ({
      serverName: 'relay.example',
      creds: credentials.createSsl(
        Buffer.from(authority.cert),
        key === undefined ? null : Buffer.from(key),
        cert === undefined ? null : Buffer.from(cert),
      ),
    });
    const target = address.slice('tls://'.length);
    expect(await new ObserverClient(target, options(own.cert, own.key)).check()).toEqual({
      status: 'SERVING',
    });
    await expect(new ObserverClient(target, options()).check()).rejects.toThrow();
    expect((await stop()).code).toBe(0);
  });

  test('serves a recording that it wrote itself', async () => {
    const cwd = tempFolder();
    const written = await bulkhead(['simulate', '-o', 'events.log', '--minutes', '2', '--json'], { cwd });
    expect(written.code).toBe(0);
    const { lines } = JSON.parse(written.out) as { readonly lines: number };
    const { address, stop } = await serving(['--file', 'events.log', '--speed', '100000'], cwd);
    const stream = new ObserverClient(address).flows({ follow: true, since: { seconds: 0 } });
    // One line greets the nodes, and the server does that itself: in the stream's first message.
    await stream.until(lines);
    stream.cancel();
    const { code, err } = await stop();
    expect(code).toBe(0);
    expect(err).toBe('bulkhead: every flow was played; they stay to be asked for until it is stopped\n');
  });
});

describe('bulkhead simulate says what is wrong in one sentence', () => {
  test('about its options', async () => {
    const args = ['simulate', '--serve', '127.0.0.1:0', '--fault', 'nonsense'];
    const { code, out, err } = await bulkhead(args, { cwd: tempFolder() });
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(/^bulkhead: --fault: there is no fault nonsense; there are cut=30s, .*\n$/);
  });

  test('about a port that is taken', async () => {
    const { address, stop } = await serving([]);
    const { code, err } = await bulkhead(['simulate', '--serve', address], { cwd: tempFolder() });
    expect([code, err]).toEqual([
      2,
      `bulkhead: ${address} is taken by another process; choose another port.\n`,
    ]);
    await stop();
  });
});
