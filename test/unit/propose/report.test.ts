import { describe, expect, test } from 'vitest';
import { coverageText, extraKindsText, tightnessText } from '#core/policy/describe-certificate.ts';
import { renderReport } from '../../../server/adapters/manifests/render-report.ts';
import { baselineOf, edge, workload } from '../../support/baseline-fixture.ts';
import { cart, dns, proposeFrom, web } from './shop-fixture.ts';

describe('a report', () => {
  test('tells extras that were meant from those that a shared selector brings', () => {
    const twin = workload('shop/twin', { labels: [{ app: 'cart' }] });
    const proposal = proposeFrom(
      baselineOf({
        workloads: [web, cart, twin, dns],
        edges: [edge(web, cart), edge(web, dns, { protocol: 'UDP', port: 53 })],
      }),
    );
    const report = renderReport(proposal);
    expect(report).toContain('| extras (admitted, never seen) | 2 (1 declared, 1 collision, 0 surprises) |');
    const rows = report.split('\n').filter((line) => /\| (?:declared|collision|surprise) \|/.test(line));
    expect(rows).toEqual([
      expect.stringMatching(/^\| `shop\/web.*coredns.*\| declared \| Resolvers/),
      expect.stringMatching(/^\| `shop\/web.*twin.*\| collision \| The labels that select/),
    ]);
  });

  test('of nothing that could be admitted claims no share of it', () => {
    const { certificate } = proposeFrom(baselineOf({ workloads: [web, cart], edges: [] }));
    expect(coverageText(certificate.totals)).toBe('nothing to admit');
    expect(tightnessText(certificate.totals)).toBe('nothing is admitted');
    expect(extraKindsText(certificate.extras)).toBe('0 declared, 0 collisions, 0 surprises');
  });
});
