import { describe, expect, test } from 'vitest';
import { blastOf, stagedGraphs } from '#core/policy/blast/blast.ts';
import { AWS_VPC_CNI_PROFILE, KUBERNETES_PROFILE } from '#core/policy/literal/profiles.ts';
import type { NetworkPolicy } from '#core/policy/network-policy.ts';
import type { CniProfile, WorldPod } from '#core/policy/world.ts';
import { modelOfWorld } from '../../property/policy-blast-arbitraries.ts';

const pod = (namespace: string, name: string, hostNetwork = false): WorldPod => ({
  namespace,
  name,
  labels: [],
  ips: [],
  namedPorts: [],
  hostNetwork,
  node: 'node-1',
});

const closed = (namespace: string): NetworkPolicy => ({
  metadata: { name: 'closed', namespace },
  spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
});

/** A closed pod of `a`, and in `b` a pod on its node's network beside one of its own workload that has its own. */
function waysBetween(profile: CniProfile) {
  const pods = [pod('a', 'shut'), pod('b', 'plain'), pod('b', 'agent', true)];
  const policies = [closed('a')];
  const model = modelOfWorld({ namespaces: [], pods, policies }, [0, 0, 0]);
  const stages = [{ stage: 'current' as const, policies }];
  return stagedGraphs({ model, profile, listeners: undefined, stages }).flatMap((staged) =>
    [0, 1].map((start) =>
      blastOf(staged, start, { hops: 1, jewels: [1 - start] }).jewels.flatMap(({ path }) =>
        path.map(({ fromPod, toPod, ruling }) => [fromPod.pod.name, toPod.pod.name, ruling.verdict.reason]),
      ),
    ),
  );
}

describe('a path over a node', () => {
  test('leads from the pod on its network to the pods it runs, whatever policies say', () => {
    expect(waysBetween(KUBERNETES_PROFILE)).toEqual([[], [['agent', 'shut', 'own-node']]]);
  });

  test('leads the other way too where a pod always reaches its own node', () => {
    expect(waysBetween(AWS_VPC_CNI_PROFILE)).toEqual([
      [['shut', 'agent', 'own-node']],
      [['agent', 'shut', 'own-node']],
    ]);
  });
});
