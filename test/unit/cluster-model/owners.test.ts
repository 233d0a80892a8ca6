import { describe, expect, test } from 'vitest';
import { describeWorkload } from '#core/policy/cluster/cluster-model.ts';
import { controller, modelOf, ownedBy, pod } from './cluster-fixture.ts';

const workloadsOf = (...documents: readonly unknown[]): readonly string[] =>
  modelOf(...documents).workloads.map(describeWorkload);

/** An object of a controller's kind that another controls. */
const controlled = (kind: string, name: string, owner: object) => {
  const made = controller(kind, name) as { metadata: object };
  return { ...made, metadata: { ...made.metadata, ...owner } };
};

describe('the workload of a pod', () => {
  test.each(['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'Job'])(
    'a %s without pods in the manifests stands for those it would make',
    (kind) => {
      const model = modelOf(controller(kind, 'web'));
      expect(model.workloads.map(describeWorkload)).toEqual([`shop/web[${kind}]`]);
      expect(model.pods.length).toBe(kind === 'StatefulSet' ? 1 : 2);
      expect(model.pods.map(({ origin }) => origin)).not.toContain('seen');
    },
  );

  test('is the Deployment above its ReplicaSet, when the ReplicaSet says so', () => {
    const set = controlled('ReplicaSet', 'web-abc', ownedBy('Deployment', 'web'));
    expect(workloadsOf(set, pod('web-abc-1', ownedBy('ReplicaSet', 'web-abc')))).toEqual([
      'shop/web[Deployment]',
    ]);
  });

  test('is the Deployment that a missing ReplicaSet is named after, when that is there', () => {
    const mine = pod('web-7d77fb55cc-bs8rc', ownedBy('ReplicaSet', 'web-7d77fb55cc'));
    expect(workloadsOf(controller('Deployment', 'web'), mine)).toEqual(['shop/web[Deployment]']);
    expect(workloadsOf(mine)).toEqual(['shop/web-7d77fb55cc[ReplicaSet]']);
  });

  test('is the CronJob above its Job', () => {
    const job = controlled('Job', 'nightly-29000000', ownedBy('CronJob', 'nightly'));
    expect(workloadsOf(job, pod('nightly-29000000-x2x2x', ownedBy('Job', 'nightly-29000000')))).toEqual([
      'shop/nightly[CronJob]',
    ]);
  });

  test('is the controller itself when a custom resource made that', () => {
    const set = controlled('StatefulSet', 'db', ownedBy('Postgres', 'main'));
    expect(workloadsOf(set, pod('db-0', ownedBy('StatefulSet', 'db')))).toEqual(['shop/db[StatefulSet]']);
  });

  test('is the pod itself when nobody, or a node, controls it', () => {
    const mirror = pod('etcd-node1', ownedBy('Node', 'node1'));
    const merelyOwned = pod('kept', {
      ownerReferences: [{ kind: 'Deployment', name: 'x', apiVersion: 'apps/v1' }],
    });
    expect(workloadsOf(pod('bare'), mirror, merelyOwned)).toEqual([
      'shop/bare[Pod]',
      'shop/etcd-node1[Pod]',
      'shop/kept[Pod]',
    ]);
  });

  test('is found although owners name one another in a circle', () => {
    const a = controlled('ReplicaSet', 'a', ownedBy('ReplicaSet', 'b'));
    const b = controlled('ReplicaSet', 'b', ownedBy('ReplicaSet', 'a'));
    expect(workloadsOf(a, b, pod('p', ownedBy('ReplicaSet', 'a'))).length).toBeGreaterThan(0);
  });
});

describe('the pods of a workload', () => {
  test('are those that were seen, when any of them is alive', () => {
    const seen = pod('web-7d77fb55cc-bs8rc', ownedBy('ReplicaSet', 'web-7d77fb55cc'));
    const { pods } = modelOf(controller('Deployment', 'web'), seen);
    expect(pods.map(({ pod: each }) => each.name)).toEqual(['web-7d77fb55cc-bs8rc']);
  });

  test('are those to come, when all that were seen have ended', () => {
    const done = { ...pod('web-1', ownedBy('Job', 'web')), status: { phase: 'Succeeded' } };
    const { pods } = modelOf(controller('Job', 'web'), done);
    expect(pods.map(({ origin }) => origin)).toEqual(['seen', 'template', 'template']);
  });

  test('of a StatefulSet carry the names and labels that its ordinals fix', () => {
    const { pods } = modelOf(controller('StatefulSet', 'db', { replicas: 2, ordinals: { start: 5 } }));
    expect(pods.map(({ pod: each }) => each.name)).toEqual(['db-5', 'db-6']);
    expect(pods[1]?.pod.labels).toEqual([
      ['app', 'db'],
      ['apps.kubernetes.io/pod-index', '6'],
      ['statefulset.kubernetes.io/pod-name', 'db-6'],
    ]);
  });

  test('of a Job carry its name as a label', () => {
    const [first] = modelOf(controller('Job', 'load')).pods;
    expect(first?.pod.labels).toContainEqual(['batch.kubernetes.io/job-name', 'load']);
  });
});
