import { expect, test } from 'vitest';
import { describeWorkload } from '#core/policy/cluster/cluster-model.ts';
import { mergedModels, modelOfSeen } from '#core/policy/cluster/model-of-flows.ts';
import { workload, worldOf } from '../../support/baseline-fixture.ts';

const [web, db] = [
  workload('shop/web', { labels: [{ app: 'web' }, { app: 'web', tier: 'edge' }] }),
  workload('data/db'),
];
const elsewhere = workload('shop/cart', { cluster: 'other' });

test('the model of a recording has the pods of the cluster asked for, each under its workload', () => {
  const model = modelOfSeen(worldOf([web, db, elsewhere]), 'default');
  expect(model.workloads.map(describeWorkload)).toEqual(['data/db[Deployment]', 'shop/web[Deployment]']);
  expect(model.pods.map(({ pod, workload: place }) => [pod.namespace, place])).toEqual([
    ['data', 0],
    ['shop', 1],
    ['shop', 1],
  ]);
  expect(model.namespaces.map(({ name }) => name)).toEqual(['data', 'shop']);
  expect(model.policies).toEqual([]);
});

test('manifests speak first: flows add only workloads that they do not name', () => {
  const declared = modelOfSeen(worldOf([web]), 'default');
  const merged = mergedModels(declared, modelOfSeen(worldOf([workload('shop/web'), db]), 'default'));
  expect(merged.workloads.map(describeWorkload)).toEqual(['shop/web[Deployment]', 'data/db[Deployment]']);
  expect(merged.pods.filter((pod) => pod.workload === 0)).toEqual(declared.pods);
  expect(merged.pods.filter((pod) => pod.workload === 1).map(({ pod }) => pod.namespace)).toEqual(['data']);
});
