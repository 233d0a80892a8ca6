import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { MINUTE_MS } from '#core/flow/time.ts';
import { describeEdge } from '#core/graph/edge.ts';
import { GraphBuilder } from '#core/graph/graph-builder.ts';
import { SIMULATION_START } from '#core/simulation/simulate.ts';
import { connectCluster } from '../../../collector/inventory/cluster-access.ts';
import { createLiveCollector } from '../../../collector/live-collector.ts';
import { startObserver } from '../../../collector/sources/hubble/observer/observer.ts';
import { simulatedSource } from '../../../collector/sources/hubble/observer/record-source.ts';
import { parseRelayAddress } from '../../../collector/sources/hubble/relay/address.ts';
import { TLS_DEFAULTS } from '../../../collector/sources/hubble/relay/tls-files.ts';
import { FakeApiServer } from '../../support/fake-api-server/fake-api-server.ts';
import { podJson } from '../../support/inventory-objects.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const deployment = (image: string) => ({
  metadata: { name: 'cart', namespace: 'shop' },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: 'cart' } },
    template: { metadata: { labels: { app: 'cart' } }, spec: { containers: [{ name: 'main', image }] } },
  },
});

/** Looks every few milliseconds; the test's own time-out ends waiting. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 10));
}

test('flows of a live Relay and the inventory of its cluster meet in one world, while a Deployment rolls out', async () => {
  const observer = await startObserver({
    host: '127.0.0.1',
    port: 0,
    source: simulatedSource({ seed: 1, until: SIMULATION_START + 10 * MINUTE_MS }),
    pace: { speed: 600, from: SIMULATION_START, ahead: 'allowed' },
    maxFlows: 100_000,
  });
  onTestFinished(() => observer.close());
  const server = new FakeApiServer();
  await server.start();
  onTestFinished(() => server.stop());
  server.put('deployments', deployment('cart:1'));
  const quiet = podJson({
    name: 'quiet-7d4b9c6f5d-x2k8p',
    ip: '10.77.0.7',
    owner: { kind: 'ReplicaSet', name: 'quiet-7d4b9c6f5d' },
  });
  server.put('pods', quiet);

  const file = join(tempFolder(), 'kubeconfig');
  writeFileSync(file, server.kubeconfig());
  const access = await connectCluster({ kubeconfig: file }, 'bulkhead/test');
  if (!access.ok) throw new Error(access.error);
  const address = parseRelayAddress(`127.0.0.1:${observer.port}`);
  if (!address.ok) throw new Error('no address');
  const builder = new GraphBuilder();
  const collector = createLiveCollector(
    {
      targets: [{ address: address.value, tls: TLS_DEFAULTS }],
      followed: [],
      clock: { wallMs: () => Date.now(), monotonicMs: () => performance.now(), random: () => 0.5 },
      inventory: { access: access.value, namespaces: [] },
    },
    (window) => builder.apply(window),
  );
  collector.start();
  onTestFinished(() => collector.stop());
  const { inventory } = collector;
  await until(() => inventory?.health().find(({ name }) => name === 'deployments.apps')?.standing === 'live');
  server.put('deployments', deployment('cart:2'));
  await until(() => (inventory?.events().length ?? 0) > 0);
  expect(inventory?.events()).toMatchObject([
    { type: 'rollout', name: 'cart', before: ['cart:1'], after: ['cart:2'] },
  ]);

  await until(() => collector.coverage().flows > 1000);
  collector.flush();
  const { pods } = collector.world();
  expect(new Set(pods.map(({ cluster }) => cluster))).toEqual(new Set(['demo']));
  expect(pods).toContainEqual(
    expect.objectContaining({ workload: 'demo/shop/Deployment/quiet', ips: ['10.77.0.7'] }),
  );
  const lines = [...builder.snapshot().edges.values()].map(describeEdge);
  expect(lines).toContain('shop/frontend[Deployment] => shop/cart[Deployment] : TCP 8080');
});
