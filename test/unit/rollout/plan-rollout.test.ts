import { describe, expect, test } from 'vitest';
import type { NamespaceIsolation, Proposal } from '#core/policy/proposal.ts';
import { WAVE_SIZE } from '#core/policy/rollout/order-waves.ts';
import { planRollout } from '#core/policy/rollout/plan-rollout.ts';
import type { RolloutPlan, RolloutWave } from '#core/policy/rollout/rollout-plan.ts';
import {
  baselineOf,
  decided,
  edge,
  entity,
  type FixtureWorkload,
  sha256,
  workload,
} from '../../support/baseline-fixture.ts';
import { cart, db, dns, proposeFrom, shopBaseline, web } from '../propose/shop-fixture.ts';

const planOf = (proposal: Proposal): RolloutPlan => planRollout(proposal, sha256);

const workloadsOf = ({ policies }: RolloutWave): readonly string[] =>
  policies.map((each) => each.workload ?? `deny ${each.namespace}`);

const shop = planOf(proposeFrom(shopBaseline()));

describe('a rollout plan', () => {
  test('applies every policy once, and default deny after all others', () => {
    const proposal = proposeFrom(shopBaseline());
    const planned = shop.waves.flatMap(({ policies }) => policies);
    expect(planned.map(({ namespace, name }) => `${namespace}/${name}`).sort()).toEqual(
      [...proposal.policies, ...proposal.isolation]
        .map(({ policy }) => `${policy.metadata.namespace}/${policy.metadata.name}`)
        .sort(),
    );
    const isDeny = planned.map((each) => each.workload === undefined);
    expect(isDeny.indexOf(true)).toBe(proposal.policies.length);
    expect(isDeny.lastIndexOf(false)).toBe(proposal.policies.length - 1);
    expect(shop.isSafe).toBe(true);
  });

  test('closes system namespaces last of all', () => {
    const denials = shop.waves.filter(({ kinds }) => kinds.includes('default-deny')).map(workloadsOf);
    expect(denials.at(-1)).toEqual(['deny kube-system']);
  });

  test('begins with one well supported policy, then goes from consumers to what many call', () => {
    const clients = Array.from({ length: 6 }, (_, index) => workload(`shop/client-${index}`));
    const edges = [
      ...clients.map((client) => edge(client, web)),
      ...clients.map((client) => edge(client, client, { port: 7000 })),
      edge(web, cart),
      edge(cart, db),
      edge(db, cart, { port: 9000 }),
    ];
    const { waves } = planOf(proposeFrom(baselineOf({ workloads: [...clients, web, cart, db], edges })));
    expect(waves.map(({ kinds }) => kinds.join())).toEqual([
      'canary',
      'consumers',
      'providers',
      'shared',
      'default-deny',
    ]);
    expect(waves[0]?.policies).toHaveLength(1);
    expect(waves.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5]);
    expect(waves[3] && workloadsOf(waves[3])).toEqual(['shop/web[Deployment]']);
  });

  test('leaves thinly supported policies for later, with what they need', () => {
    const once = edge(cart, db, { conversations: 1, minutes: 1 });
    const known = [edge(web, web, { port: 1 }), edge(dns, dns, { port: 1 })];
    const { waves } = planOf(
      proposeFrom(baselineOf({ workloads: [web, cart, db, dns], edges: [...known, once] })),
    );
    const doubtful = waves.filter(({ isDoubtful }) => isDoubtful);
    expect(doubtful.flatMap(workloadsOf).sort()).toEqual(['shop/cart[Deployment]', 'shop/db[StatefulSet]']);
    expect(doubtful[0]?.number).toBeGreaterThan(1);
    expect(doubtful.flatMap(({ thinRules }) => thinRules)).toMatchObject([
      { confidence: 'D', needs: expect.stringContaining('to be seen again') },
      { confidence: 'D', needs: expect.stringContaining('to be seen again') },
    ]);
  });

  test('names what each wave stops, in the wave that stops it and in no other', () => {
    const held = decided(edge(web, db, { port: 22 }), 'held', { reason: 'Look at it.' });
    const baseline = baselineOf({
      workloads: [web, cart, db],
      edges: [edge(web, cart), edge(cart, db), held, edge(cart, entity('kube-apiserver'), { port: 6443 })],
    });
    const { waves } = planOf(proposeFrom(baseline));
    const cuts = waves.flatMap(({ number, cuts: own }) =>
      own.map(({ line, reason }) => ({ number, line, reason })),
    );
    expect(cuts.map(({ line, reason }) => [line, reason]).sort()).toEqual([
      ['shop/cart[Deployment] => kube-apiserver : TCP 6443', 'entity-not-expressible'],
      ['shop/web[Deployment] => shop/db[StatefulSet] : TCP 22', 'held-for-review'],
    ]);
    for (const { number, line } of cuts) {
      const names = waves.slice(0, number).flatMap(workloadsOf);
      expect(names.some((name) => line.includes(name))).toBe(true);
    }
  });

  test('names the directions that a wave closes although nothing was seen there', () => {
    const silent = workload('shop/silent');
    const { waves } = planOf(
      proposeFrom(baselineOf({ workloads: [web, cart, silent], edges: [edge(web, cart)] })),
    );
    const blind = waves.flatMap(({ kinds, isolatesBlindly }) =>
      isolatesBlindly.map(
        ({ workload: who, directions }) => `${kinds.join()}: ${who} ${directions.join('+')}`,
      ),
    );
    expect(blind.sort()).toEqual([
      'canary: shop/web[Deployment] ingress',
      'default-deny: shop/silent[Deployment] ingress+egress',
      'providers: shop/cart[Deployment] egress',
    ]);
  });

  test('keeps policies together that select a pod in common', () => {
    const twins: readonly FixtureWorkload[] = [
      workload('shop/one', { labels: [{ app: 'same' }] }),
      workload('shop/two', { labels: [{ app: 'same' }] }),
    ];
    const [one, two] = twins;
    if (one === undefined || two === undefined) throw new Error('no twins');
    const edges = [edge(one, cart, { port: 1 }), edge(two, db, { port: 2 }), edge(web, cart)];
    const { waves, isSafe } = planOf(
      proposeFrom(baselineOf({ workloads: [...twins, web, cart, db], edges })),
    );
    const together = waves.map(workloadsOf).filter((names) => names.some((name) => /one|two/.test(name)));
    expect(together).toHaveLength(1);
    expect(together[0]).toEqual(expect.arrayContaining(['shop/one[Deployment]', 'shop/two[Deployment]']));
    expect(isSafe).toBe(true);
  });

  test('says what is denied for a moment between two files that share pods', () => {
    const twins = [
      workload('shop/one', { labels: [{ app: 'same' }] }),
      workload('shop/two', { labels: [{ app: 'same' }] }),
    ] as const;
    const edges = [edge(twins[0], cart, { port: 1 }), edge(twins[1], db, { port: 2 })];
    const { waves } = planOf(proposeFrom(baselineOf({ workloads: [...twins, cart, db], edges })));
    expect(waves.flatMap(({ judged }) => judged.cutBetweenFiles)).toEqual([
      'shop/two[Deployment] => shop/db[StatefulSet] : TCP 2',
    ]);
    expect(waves.flatMap(({ judged }) => judged.cutMidway)).toEqual([]);
  });

  test('joins waves of which the first would cut what the whole admits', () => {
    const proposal = proposeFrom(
      baselineOf({ workloads: [dns, cart], edges: [edge(cart, dns, { port: 53 })] }),
    );
    const closed: NamespaceIsolation | undefined = proposal.isolation.find(
      ({ namespace }) => namespace === 'kube-system',
    );
    if (closed === undefined) throw new Error('kube-system is not closed');
    const opener: NamespaceIsolation = {
      ...closed,
      policy: {
        ...closed.policy,
        metadata: { name: 'opens', namespace: 'kube-system' },
        spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'], ingress: [{}], egress: [{}] },
      },
    };
    const { waves, isSafe } = planOf({
      ...proposal,
      policies: [],
      isolation: [closed, opener],
      certificate: { ...proposal.certificate, world: { ...proposal.certificate.world, policies: [] } },
    });
    expect(waves.map(({ policies }) => policies.map(({ name }) => name))).toEqual([
      ['bulkhead-default-deny', 'opens'],
    ]);
    expect(isSafe).toBe(true);
  });

  test('counts on the policies that are in the cluster already from the start', () => {
    const proposal = proposeFrom(baselineOf({ workloads: [web, cart], edges: [edge(web, cart)] }));
    const [policy] = proposal.policies;
    if (policy === undefined) throw new Error('no policy');
    const rest = { ...proposal, policies: proposal.policies.slice(1) };
    const { waves, isSafe } = planOf(rest);
    expect(isSafe).toBe(true);
    expect(waves.flatMap(({ policies }) => policies.map(({ name }) => name))).not.toContain(
      policy.policy.metadata.name,
    );
    // What a policy that is there closes is no wave's doing.
    expect(waves.flatMap(({ isolatesBlindly }) => isolatesBlindly.map((each) => each.workload))).toEqual([
      'shop/web[Deployment]',
    ]);
  });

  test('divides what is too much to watch at once', () => {
    const many = Array.from({ length: 2 * WAVE_SIZE + 1 }, (_, index) => workload(`shop/job-${index}`));
    const edges = many.map((each) => edge(each, each, { port: 7000 }));
    const { waves } = planOf(proposeFrom(baselineOf({ workloads: many, edges })));
    expect(waves.map(({ policies }) => policies.length)).toEqual([1, WAVE_SIZE, WAVE_SIZE, 1]);
  });

  test('of nothing has no waves', () => {
    expect(planOf(proposeFrom(baselineOf({ workloads: [], edges: [] })))).toMatchObject({
      waves: [],
      isSafe: true,
    });
  });
});

describe('the commands of a wave', () => {
  test('apply its files in order, and delete exactly what they hold', () => {
    for (const { policies, apply, rollback } of shop.waves) {
      const files = apply.flatMap((command) => [...command.matchAll(/-f (\S+)/g)].map(([, file]) => file));
      expect(files).toEqual(policies.map(({ file }) => file));
      const deleted = rollback.flatMap((command) => {
        const [, namespace] = /--namespace (\S+)/.exec(command) ?? [];
        const names = command.replaceAll('\\\n', ' ').split(/\s+/).slice(6);
        return names.map((name) => `${namespace}/${name}`);
      });
      expect(deleted.sort()).toEqual(policies.map(({ namespace, name }) => `${namespace}/${name}`).sort());
    }
  });
});
