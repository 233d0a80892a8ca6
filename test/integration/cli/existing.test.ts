import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { bulkhead } from '../../support/cli.ts';
import { tempFolderForSuite } from '../../support/temp-folder.ts';

const cwd = tempFolderForSuite();

/** A copy of the demo's own proposal, as the policies that its cluster has. */
function existingCopy(name: string): string {
  cpSync(join(cwd, 'own/demo'), join(cwd, name), { recursive: true });
  return name;
}

const DB = 'data/orders-db-statefulset.yaml';

interface Review {
  readonly toApply: readonly string[];
  readonly toRemove: readonly string[];
  readonly replaced: readonly string[];
  readonly tooWide: readonly string[];
  readonly stillWide: readonly string[];
  readonly asTight: readonly string[];
  readonly missing: { readonly blocked: readonly { readonly line: string; readonly afterwards: string }[] };
  readonly proof: { readonly lost: readonly string[] };
}

const reviewIn = (folder: string): Review =>
  JSON.parse(readFileSync(join(cwd, folder, 'demo/existing.json'), 'utf8')) as Review;

const changed = (
  folder: string,
  file: string,
  change: (policy: { spec: { ingress: unknown[] } }) => void,
): void => {
  const path = join(cwd, folder, file);
  const policy = parse(readFileSync(path, 'utf8')) as { spec: { ingress: unknown[] } };
  change(policy);
  writeFileSync(path, JSON.stringify(policy)); // JSON is YAML
};

const propose = (existing: string, to: string) =>
  bulkhead(['propose', 'demo.log', '--hold-out', '0', '--existing', existing, '-o', to], { cwd });

describe('policies that a cluster has already', () => {
  beforeAll(async () => {
    await bulkhead(['demo', '-o', 'demo.log', '--minutes', '6'], { cwd });
    await bulkhead(['propose', 'demo.log', '--hold-out', '0', '-o', 'own'], { cwd });
  });

  test('that are the proposal itself leave nothing to do, and the certificate still holds', async () => {
    const run = await propose(existingCopy('same'), 'out-same');
    expect(run.code).toBe(0);
    expect(run.out).toContain('nothing to do: what the proposal admits of what was seen passes already');
    const review = reviewIn('out-same');
    expect(review).toMatchObject({ toApply: [], toRemove: [], replaced: [], tooWide: [], stillWide: [] });
    expect(review.asTight.length).toBeGreaterThan(5);
    const verified = await bulkhead(['verify', 'out-same'], { cwd });
    expect(verified.out).toContain('the certificate holds');
    expect(verified.code).toBe(0);
  });

  test('with one rule widened by hand have that policy replaced, and no other', async () => {
    const folder = existingCopy('wide');
    changed(folder, DB, ({ spec }) => {
      spec.ingress = [...spec.ingress, { from: [{ namespaceSelector: {} }] }];
    });
    const run = await propose(folder, 'out-wide');
    const review = reviewIn('out-wide');
    expect(review.replaced).toEqual(review.toApply);
    expect(review.replaced).toHaveLength(1);
    expect(review).toMatchObject({ toRemove: [], tooWide: ['data/orders-db[StatefulSet]'], stillWide: [] });
    expect(review.proof.lost).toEqual([]);
    expect(run.out).toMatch(/too wide: [\d ]+ cells of \d+ pairs that nobody was seen to need/);
    expect((await bulkhead(['verify', 'out-wide'], { cwd })).code).toBe(0);
  });

  test('with one rule missing get it back, and the conversations it lost are named', async () => {
    const folder = existingCopy('missing');
    changed(folder, DB, ({ spec }) => {
      spec.ingress = spec.ingress.filter((rule) => !JSON.stringify(rule).includes('5432'));
    });
    const run = await propose(folder, 'out-missing');
    const review = reviewIn('out-missing');
    expect(review.toApply).toHaveLength(1);
    expect(review.tooWide).toEqual([]);
    expect(review.missing.blocked).toContainEqual(
      expect.objectContaining({
        line: 'shop/checkout[Deployment] => data/orders-db[StatefulSet] : TCP 5432',
        afterwards: 'admitted afterwards',
      }),
    );
    expect(run.out).toContain('MISSING  shop/checkout[Deployment] => data/orders-db[StatefulSet] : TCP 5432');
  });

  test('that let everybody in are named for removal, once what replaces them is there', async () => {
    const folder = existingCopy('open');
    writeFileSync(
      join(cwd, folder, 'open.yaml'),
      JSON.stringify({
        apiVersion: 'networking.k8s.io/v1',
        kind: 'NetworkPolicy',
        metadata: { name: 'open', namespace: 'shop' },
        spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'], ingress: [{}], egress: [{}] },
      }),
    );
    rmSync(join(cwd, folder, 'shop'), { recursive: true });
    await propose(folder, 'out-open');
    const review = reviewIn('out-open');
    expect(review.toRemove).toEqual(['shop/open']);
    expect(review.toApply.length).toBeGreaterThan(5);
    expect(review.toApply.every((name) => name.startsWith('shop/'))).toBe(true);
    expect(review).toMatchObject({ stillWide: [], proof: { lost: [] } });
  });

  test('must be there: a folder without any is a mistake of the user', async () => {
    writeFileSync(join(cwd, 'none.yaml'), 'kind: ConfigMap\napiVersion: v1\nmetadata: {name: x}\n');
    const run = await propose('none.yaml', 'out-none');
    expect(run.code).toBe(2);
    expect(run.err).toContain('none.yaml holds no NetworkPolicy that could be read.');
  });
});
