import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { SIMULATION_START } from '#core/simulation/simulate.ts';
import { startObserver } from '../../../collector/sources/hubble/observer/observer.ts';
import { simulatedSource } from '../../../collector/sources/hubble/observer/record-source.ts';
import { newAuthority } from '../../support/certificates.ts';
import { type Serving, serve } from '../../support/serving.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const AUTHORITY = newAuthority('relay CA');

/** A Relay that asks for client certificates, and for which two minutes pass in each second. */
async function relay() {
  const observer = await startObserver({
    host: '127.0.0.1',
    port: 0,
    source: simulatedSource({ seed: 1 }),
    pace: { speed: 120, from: SIMULATION_START, ahead: 'allowed' },
    maxFlows: 100_000,
    tls: { ...AUTHORITY.issue(['*.hubble-relay.cilium.io']), clientCa: AUTHORITY.cert },
  });
  onTestFinished(() => observer.close());
  return `127.0.0.1:${observer.port}`;
}

async function asked<T>({ address }: Serving, path: string): Promise<T> {
  const response = await fetch(`${address}/api/v1/${path}`);
  return (await response.json()) as T;
}

interface Training {
  readonly baseline: { readonly version: number; readonly recordedAt: number } | null;
  readonly soFar: { readonly score: number } | null;
}

/** Asks until the answer is as wanted; the test's own time-out ends waiting. */
async function untilTraining(serving: Serving, isWanted: (training: Training) => boolean): Promise<Training> {
  for (;;) {
    const training = await asked<Training>(serving, 'training');
    if (isWanted(training)) return training;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

test('a server that is fed over mTLS shows its readiness, learns when its window closes, and goes on after a restart', async () => {
  const folder = tempFolder();
  const client = AUTHORITY.issue(['client']);
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const args = [
    ...['--hubble', `tls://${await relay()}`, '--train-for', '6m', '--data', join(folder, 'data')],
    ...['--tls-ca-cert-files', file('ca.crt', AUTHORITY.cert)],
    ...['--tls-client-cert-file', file('client.crt', client.cert)],
    ...['--tls-client-key-file', file('client.key', client.key)],
    ...['--tls-server-name', 'instance.hubble-relay.cilium.io'],
  ];
  const first = await serve(args, folder);
  onTestFinished(() => void first.stop('SIGKILL'));
  const open = await untilTraining(first, ({ soFar }) => soFar !== null);
  expect(open.baseline).toBeNull();
  const learnt = await untilTraining(first, ({ baseline }) => baseline !== null);
  expect(learnt).toMatchObject({ baseline: { version: 1 }, soFar: null });
  const [source] = await asked<readonly { readonly state: string }[]>(first, 'sources');
  expect(source).toMatchObject({
    kind: 'hubble',
    state: 'live',
    live: { connectedNodes: 3, isConnected: true },
  });
  const metrics = await (await fetch(`${first.address}/metrics`)).text();
  expect(metrics).toContain('bulkhead_source_connected{source="0"} 1');
  expect(await first.stop()).toBe(0);

  const second = await serve(args, folder);
  onTestFinished(() => void second.stop('SIGKILL'));
  const again = await untilTraining(second, ({ baseline }) => baseline !== null);
  expect(again.baseline).toEqual(learnt.baseline);
  expect(await second.stop()).toBe(0);
});
