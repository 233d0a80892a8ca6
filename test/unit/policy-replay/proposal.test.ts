import { expect, test } from 'vitest';
import { describeEdge } from '#core/graph/edge.ts';
import { populationOfSeen } from '#core/policy/explain/population.ts';
import { CILIUM_PROFILE, KUBERNETES_PROFILE } from '#core/policy/literal/profiles.ts';
import { replay } from '#core/policy/replay/replay.ts';
import { proposeFrom, SHOP_EDGES, shopBaseline } from '../propose/shop-fixture.ts';

test.each([CILIUM_PROFILE, KUBERNETES_PROFILE])(
  'replaying the training window of a proposal blocks what its certificate does not admit ($name)',
  (profile) => {
    const baseline = shopBaseline();
    const { policies, isolation, certificate } = proposeFrom(baseline, profile);
    const { blocked, unjudged, ungoverned } = replay({
      edges: SHOP_EDGES,
      population: populationOfSeen(baseline.world, baseline.scope.cluster, profile),
      policies: [...policies, ...isolation].map(({ policy }) => policy),
      profile,
    });
    const lost = [...blocked.map(({ line }) => line), ...unjudged.flatMap(({ examples }) => examples)];
    const refused = certificate.conversations.filter(({ admitted }) => !admitted).map(({ line }) => line);
    expect(refused.length).toBeGreaterThan(0);
    expect(lost.sort()).toEqual(refused.sort());
    expect(ungoverned.edges).toBe(0);
    expect(SHOP_EDGES.map(describeEdge)).toEqual(expect.arrayContaining(refused));
  },
);
