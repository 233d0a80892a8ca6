import { describe, expect, test } from 'vitest';
import { parseObjectName } from '#core/identity/names.ts';
import { decodeLive, keyOfLive } from '#core/inventory/decode-live.ts';
import type { LivePod } from '#core/inventory/live-object.ts';
import { HOSTILE_STRINGS } from '../../support/hostile-strings.ts';
import { KINDS, live, pod, podJson } from '../../support/inventory-objects.ts';

const POD = KINDS['Pod'] ?? { apiVersion: 'v1', kind: 'Pod', isNamespaced: true };
const factsOf = (json: Readonly<Record<string, unknown>>): LivePod => live('Pod', json).facts as LivePod;

describe('what is kept of a pod', () => {
  test('image digest, ServiceAccount, probed ports, owner and addresses', () => {
    const facts = factsOf(
      podJson({
        name: 'cart-7d4b9c6f5d-x2k8p',
        ip: '10.0.0.7',
        from: 5000,
        owner: { kind: 'ReplicaSet', name: 'cart-7d4b9c6f5d' },
      }),
    );
    expect(facts).toMatchObject({
      owner: { kind: 'ReplicaSet', name: 'cart-7d4b9c6f5d' },
      ips: ['10.0.0.7'],
      serviceAccount: 'shopkeeper',
      node: 'node-1',
      from: { at: 5000, isExact: true },
      endedAt: undefined,
    });
    expect(facts.containers).toEqual([
      {
        name: 'main',
        image: 'registry.example/cart:1.2',
        digest: `sha256:${'ab'.repeat(32)}`,
        probedPorts: ['http', 8081],
      },
    ]);
  });

  test('a pod has its addresses from when its sandbox was ready, else from its first container, else from its start', () => {
    const status = { podIP: '10.0.0.7', startTime: '2026-01-01T00:00:01Z' };
    const running = { name: 'a', restartCount: 0, state: { running: { startedAt: '2026-01-01T00:00:09Z' } } };
    const restarted = { ...running, restartCount: 3 };
    const at = (more: object) =>
      factsOf({ metadata: { name: 'a', namespace: 'shop' }, spec: {}, status: { ...status, ...more } }).from;
    const begin = Date.parse('2026-01-01T00:00:01Z');
    expect(at({ containerStatuses: [running] })).toEqual({ at: begin + 8000, isExact: true });
    expect(at({ containerStatuses: [restarted] })).toEqual({ at: begin, isExact: false });
    expect(at({})).toEqual({ at: begin, isExact: false });
  });

  test('a pod that has ended says when, to the end of that second', () => {
    expect(factsOf(podJson({ name: 'job-1', from: 1000, endedAt: 8000 }))).toMatchObject({
      hasEnded: true,
      endedAt: 9000,
    });
  });

  test('a static pod is told by its mirror annotation and has no owner', () => {
    const json = podJson({ name: 'etcd-node-1', owner: { kind: 'Node', name: 'node-1' } });
    const metadata = {
      ...(json['metadata'] as object),
      annotations: { 'kubernetes.io/config.mirror': 'abc' },
    };
    expect(factsOf({ ...json, metadata })).toMatchObject({ isStatic: true, owner: undefined });
  });
});

describe('other objects', () => {
  test('a CronJob keeps its schedule, a node its addresses and pod ranges', () => {
    const template = { spec: { containers: [{ name: 'a', image: 'report:3' }] } };
    const cron = live('CronJob', {
      metadata: { name: 'nightly', namespace: 'data' },
      spec: { schedule: '0 3 * * *', jobTemplate: { spec: { template } } },
    });
    expect(cron.facts).toMatchObject({ schedule: '0 3 * * *', images: ['report:3'] });
    const node = live('Node', {
      metadata: { name: 'node-1' },
      spec: { podCIDRs: ['10.0.1.0/24'] },
      status: {
        addresses: [
          { type: 'InternalIP', address: '192.0.2.1' },
          { type: 'Hostname', address: 'node-1' },
        ],
      },
    });
    expect(node.facts).toMatchObject({ addresses: ['192.0.2.1'], podCidrs: ['10.0.1.0/24'] });
  });

  test('a policy is kept as somebody would write it, without what the server and kubectl added', () => {
    const policy = live('NetworkPolicy', {
      metadata: {
        name: 'web',
        namespace: 'shop',
        uid: 'u',
        resourceVersion: '5',
        managedFields: [{}],
        annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{}', why: 'audit' },
      },
      spec: { podSelector: {}, policyTypes: ['Ingress'] },
      status: {},
    });
    expect(policy.decoded).toMatchObject({
      policy: {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'NetworkPolicy',
        metadata: { name: 'web', namespace: 'shop', annotations: { why: 'audit' } },
        spec: { podSelector: {}, policyTypes: ['Ingress'] },
      },
    });
    expect(JSON.stringify(policy.decoded)).not.toContain('managedFields');
  });
});

describe('what strangers write', () => {
  test('an object without a valid name is none, and nothing throws', () => {
    const isName = (text: string): boolean => parseObjectName(text) !== undefined;
    const taken = HOSTILE_STRINGS.filter(
      (text) => decodeLive({ metadata: { name: text } }, POD) !== undefined,
    );
    expect(taken).toEqual(HOSTILE_STRINGS.filter(isName));
    for (const value of [undefined, null, 7, 'x', [], {}, { metadata: [] }, { metadata: { name: 7 } }])
      expect(decodeLive(value, POD)).toBeUndefined();
  });

  test('a pod whose parts are of the wrong type is read as far as it goes', () => {
    const json = {
      metadata: { name: 'a', namespace: 'shop', labels: 7 },
      spec: [],
      status: { podIP: 'x', podIPs: 3 },
    };
    expect(live('Pod', json).issues.length).toBeGreaterThan(0);
  });

  test('the key of what was deleted needs no more than its name', () => {
    expect(keyOfLive({ metadata: { name: 'a', namespace: 'shop' } }, true)).toBe('shop/a');
    expect(keyOfLive({ metadata: { name: 'a' } }, false)).toBe('a');
    expect(pod({ name: 'a' }).key).toBe('shop/a');
  });
});
