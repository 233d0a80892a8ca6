import { afterAll, expect, vi } from 'vitest';
import { createEngine } from '#core/policy/fast/fast-engine.ts';
import type { evaluate } from '#core/policy/literal/evaluate.ts';

/**
 * Whatever the unit tests of the literal evaluator ask it, the fast engine is asked as well: the tests run again here,
 * with an evaluator that compares the two.
 */
const asked = vi.hoisted(() => ({ count: 0 }));

vi.mock('#core/policy/literal/evaluate.ts', async (importOriginal) => {
  const literal = await importOriginal<{ readonly evaluate: typeof evaluate }>();
  const both: typeof evaluate = (world, connection, profile) => {
    const verdict = literal.evaluate(world, connection, profile);
    const { from, to, protocol, port } = connection;
    const engine = createEngine(world, profile);
    expect(engine.allowed(from, to, { protocol, port })).toBe(verdict.allowed);
    const known = [from, to].flatMap((end) => (end.kind === 'pod' && end.ip === undefined ? [end.pod] : []));
    const settled = known.reduce((changed, pod) => changed.withPod(pod), engine);
    expect(settled.allowed(from, to, { protocol, port })).toBe(verdict.allowed);
    asked.count += 1;
    return verdict;
  };
  return { evaluate: both };
});

await import('../policy-literal/specification-points.test.ts');
await import('../policy-literal/evaluate.test.ts');
await import('../policy-literal/profiles.test.ts');
await import('../policy-literal/malformed.test.ts');

afterAll(() => expect(asked.count).toBeGreaterThan(400));
