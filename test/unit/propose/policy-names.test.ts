import { describe, expect, test } from 'vitest';
import { fileWord, policyName, policyPath, slugOf } from '#core/policy/generate/policy-names.ts';
import { collidingPaths } from '../../../server/adapters/policies-out/plan-files.ts';
import { baselineOf, edge, sha256, workload } from '../../support/baseline-fixture.ts';
import { HOSTILE_STRINGS } from '../../support/hostile-strings.ts';
import { small } from './export-fixture.ts';
import { cart, proposeFrom, shopBaseline, web } from './shop-fixture.ts';

const shop = proposeFrom(shopBaseline());

describe('names of files and policies', () => {
  test('stay within letters, digits and dashes for every hostile string', () => {
    for (const hostile of HOSTILE_STRINGS) {
      expect(fileWord(hostile, sha256)).toMatch(/^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/);
      expect(slugOf(hostile)).toMatch(/^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/);
    }
  });

  test('are told apart by a hash where a slug alone would not do', () => {
    const words = ['CON', 'con', 'Con', 'default-deny', 'a.b', 'a-b', 'A-b', 'aux', 'certificate'].map(
      (text) => fileWord(text, sha256),
    );
    expect(new Set(words).size).toBe(words.length);
    expect(words[5]).toBe('a-b');
    expect(words[3]).toMatch(/^default-deny-[0-9a-f]{8}$/);
    expect(collidingPaths(words)).toBeUndefined();
    expect(collidingPaths(['a/B.yaml', 'a/b.yaml'])).toEqual(['a/B.yaml', 'a/b.yaml']);
  });

  test('hash who a workload is, never what it is allowed', () => {
    const name = policyName(cart.id, sha256);
    expect(name).toMatch(/^cart-[0-9a-f]{8}$/);
    const names = [shop, small].map(
      ({ policies }) => policies.find((each) => each.workload === cart.id)?.policy.metadata.name,
    );
    expect(names).toEqual([name, name]);
    const job = workload('shop/cart', { kind: 'Job' });
    expect(policyName(job.id, sha256)).not.toBe(name);
  });

  test('keep kinds of somebody\u2019s own apart from the well-known ones', () => {
    const pathOf = (kind: string): string => {
      const own = workload('shop/x', { kind });
      const { policies } = proposeFrom(baselineOf({ workloads: [own, web], edges: [edge(web, own)] }));
      const policy = policies.find((each) => each.workload === own.id);
      if (policy === undefined) throw new Error('no policy');
      return policyPath(policy, 'default', sha256);
    };
    expect(pathOf('Deployment')).toBe('default/shop/x-deployment.yaml');
    expect(pathOf('deployment')).toMatch(/^default\/shop\/x-deployment-[0-9a-f]{8}\.yaml$/);
  });
});
