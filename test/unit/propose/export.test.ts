import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { recheck } from '#core/policy/certify/recheck.ts';
import { findExports, readExport } from '../../../server/adapters/policies-out/read-export.ts';
import { baselineOf, edge, sha256 } from '../../support/baseline-fixture.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { contentsOf, filesOf, small, write, written } from './export-fixture.ts';
import { db, proposeFrom, shopBaseline, web } from './shop-fixture.ts';

async function verified(dir: string) {
  const { folders, strays } = await findExports(dir);
  expect({ folders, strays }).toEqual({ folders: [join(dir, 'default')], strays: [] });
  const read = await readExport(join(dir, 'default'));
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  const { certificate, policies, failures } = read.value;
  return { failures, findings: recheck({ certificate, policies, hash: sha256 }).findings };
}

const shop = proposeFrom(shopBaseline());
const smaller = proposeFrom(baselineOf({ workloads: [web, db], edges: [edge(web, db)] }));

describe('an export', () => {
  test('has one file for each workload, default deny apart, and a kustomization for each folder', async () => {
    const dir = tempFolder();
    await written(shop, dir);
    expect(filesOf(dir)).toEqual([
      'default/.bulkhead-index.json',
      'default/REPORT.md',
      'default/ROLLOUT.md',
      'default/certificate.json',
      'default/default-deny/kube-system.yaml',
      'default/default-deny/kustomization.yaml',
      'default/default-deny/monitor.yaml',
      'default/default-deny/shop.yaml',
      'default/evidence.json',
      'default/kube-system/coredns-deployment.yaml',
      'default/kube-system/kustomization.yaml',
      'default/kustomization.yaml',
      'default/monitor/kustomization.yaml',
      'default/monitor/prometheus-deployment.yaml',
      'default/rollout.json',
      'default/shop/cart-deployment.yaml',
      'default/shop/db-statefulset.yaml',
      'default/shop/kustomization.yaml',
      'default/shop/web-deployment.yaml',
    ]);
    expect(readFileSync(join(dir, 'default/kustomization.yaml'), 'utf8')).not.toContain('default-deny');
  });

  test('proves itself when it is read back', async () => {
    const dir = tempFolder();
    await written(shop, dir);
    expect(await verified(dir)).toEqual({ failures: [], findings: [] });
  });

  test('writes the same bytes again, and touches nothing the second time', async () => {
    const [one, other] = [tempFolder(), tempFolder()];
    await written(shop, one);
    const { edges, ...rest } = shopBaseline();
    await written(proposeFrom({ ...rest, edges: new Map([...edges].reverse()) }), other);
    expect(contentsOf(other)).toEqual(contentsOf(one));
    const again = await written(shop, one);
    expect(again).toMatchObject({ created: [], updated: [], handEdited: [], stale: [] });
    expect(again.unchanged).toHaveLength(18);
  });

  test('leaves a file that was edited by hand alone and names it, unless told to overwrite', async () => {
    const dir = tempFolder();
    await written(small, dir);
    const file = join(dir, 'default/shop/cart-deployment.yaml');
    const before = readFileSync(file, 'utf8');
    writeFileSync(file, before.replaceAll('8080', '8081'));
    expect((await written(small, dir)).handEdited).toEqual(['shop/cart-deployment.yaml']);
    expect(readFileSync(file, 'utf8')).toContain('8081');
    const { findings } = await verified(dir);
    expect(findings.map(({ code, subject }) => `${code} ${subject}`)).toEqual([
      'policy-edited shop/cart-deployment.yaml',
      'conversation-denied shop/web[Deployment] => shop/cart[Deployment] : TCP 8080',
    ]);
    const forced = await written(small, dir, { handEdited: 'overwrite' });
    expect(forced.updated).toEqual(['shop/cart-deployment.yaml']);
    expect(readFileSync(file, 'utf8')).toBe(before);
  });

  test('does not overwrite a file that no export wrote', async () => {
    const dir = tempFolder();
    mkdirSync(join(dir, 'default/shop'), { recursive: true });
    writeFileSync(join(dir, 'default/shop/cart-deployment.yaml'), 'mine\n');
    expect((await written(small, dir)).handEdited).toEqual(['shop/cart-deployment.yaml']);
    expect(readFileSync(join(dir, 'default/shop/cart-deployment.yaml'), 'utf8')).toBe('mine\n');
  });

  test('keeps the policy of a workload that went quiet until it is pruned, and goes on applying it', async () => {
    const dir = tempFolder();
    await written(small, dir);
    const quiet = 'shop/cart-deployment.yaml';
    expect((await written(smaller, dir)).stale).toEqual([quiet]);
    expect(readFileSync(join(dir, 'default/shop/kustomization.yaml'), 'utf8')).toContain(
      'cart-deployment.yaml',
    );
    expect((await verified(dir)).findings.map((each) => `${each.severity} ${each.code}`)).toEqual([
      'info policy-retained',
    ]);
    const listed: string[] = [];
    const onDoomed = (folder: string, paths: readonly string[]): void => {
      listed.push(...paths.filter((path) => existsSync(join(folder, path))));
    };
    const pruned = await written(smaller, dir, { stale: 'delete', onDoomed });
    expect(listed).toEqual([quiet]);
    expect(pruned).toMatchObject({ stale: [], deleted: [quiet] });
    expect(existsSync(join(dir, 'default', quiet))).toBe(false);
    expect(readFileSync(join(dir, 'default/shop/kustomization.yaml'), 'utf8')).not.toContain('cart');
    expect((await verified(dir)).findings).toEqual([]);
  });

  test('prunes nothing that was edited by hand or that it did not write', async () => {
    const dir = tempFolder();
    await written(small, dir);
    const quiet = join(dir, 'default/shop/cart-deployment.yaml');
    writeFileSync(quiet, `${readFileSync(quiet, 'utf8')}# mine\n`);
    writeFileSync(join(dir, 'default/shop/own.yaml'), 'kind: Service\n');
    const pruned = await written(smaller, dir, { stale: 'delete' });
    expect(pruned).toMatchObject({ deleted: [], stale: ['shop/cart-deployment.yaml'] });
    expect(existsSync(join(dir, 'default/shop/own.yaml'))).toBe(true);
  });

  test('refuses to write through a symbolic link, and writes nothing at all then', async () => {
    const [dir, elsewhere] = [tempFolder(), tempFolder()];
    symlinkSync(elsewhere, join(dir, 'default'));
    expect(await write(small, dir)).toEqual({
      ok: false,
      error: { code: 'symlink_in_the_way', path: join(dir, 'default') },
    });
    expect(filesOf(elsewhere)).toEqual([]);
    expect(existsSync(join(dir, 'default/certificate.json'))).toBe(false);
    symlinkSync(elsewhere, join(dir, 'out'));
    expect(await write(small, join(dir, 'out'))).toMatchObject({
      ok: false,
      error: { code: 'symlink_in_the_way' },
    });
  });

  test('never leaves the folder of its cluster, whatever the index says', async () => {
    const dir = tempFolder();
    const victim = join(dir, 'victim.yaml');
    writeFileSync(victim, 'precious\n');
    mkdirSync(join(dir, 'default'));
    const files = { '../victim.yaml': { hash: sha256('precious\n'), retained: false } };
    writeFileSync(
      join(dir, 'default/.bulkhead-index.json'),
      JSON.stringify({ format: 'bulkhead.index/1', cluster: 'default', files }),
    );
    expect(await write(small, dir, { stale: 'delete' })).toEqual({
      ok: false,
      error: { code: 'path_outside', path: '../victim.yaml' },
    });
    expect(readFileSync(victim, 'utf8')).toBe('precious\n');
  });

  test('of nothing still has a report that says why', async () => {
    const dir = tempFolder();
    await written(proposeFrom(baselineOf({ workloads: [], edges: [] })), dir);
    expect(filesOf(dir)).toEqual(
      [
        '.bulkhead-index.json',
        'REPORT.md',
        'ROLLOUT.md',
        'certificate.json',
        'evidence.json',
        'rollout.json',
      ].map((name) => `default/${name}`),
    );
    const report = readFileSync(join(dir, 'default/REPORT.md'), 'utf8');
    expect(report).toContain('There is nothing to propose');
    expect(report).toContain('| training conversations admitted | nothing to admit |');
    expect(report).not.toContain('100.0 %');
    expect(await verified(dir)).toEqual({ failures: [], findings: [] });
  });
});

describe('reading an export', () => {
  test('says what is missing or damaged, and never throws', async () => {
    const dir = tempFolder();
    expect(await readExport(dir)).toEqual({
      ok: false,
      error: { code: 'no_certificate', path: 'certificate.json' },
    });
    writeFileSync(join(dir, 'certificate.json'), '{');
    expect(await readExport(dir)).toMatchObject({
      ok: false,
      error: { code: 'certificate_malformed', expected: 'JSON' },
    });
    await written(small, tempFolder());
    writeFileSync(join(dir, 'certificate.json'), JSON.stringify({ ...small.certificate, owners: 3 }));
    expect(await readExport(dir)).toMatchObject({
      ok: false,
      error: { code: 'certificate_malformed', at: 'owners' },
    });
  });

  test('names links, other kinds and broken files beside the policies', async () => {
    const root = tempFolder();
    await written(small, root);
    const dir = join(root, 'default');
    symlinkSync(join(dir, 'certificate.json'), join(dir, 'link.yaml'));
    writeFileSync(join(dir, 'broken.yaml'), 'a: [');
    writeFileSync(join(dir, 'service.yaml'), 'kind: Service\n');
    const read = await readExport(dir);
    if (!read.ok) throw new Error(read.error.code);
    expect(read.value.failures.map(({ code, file }) => `${code} ${file}`)).toEqual([
      'symlink link.yaml',
      'yaml_invalid broken.yaml',
    ]);
    expect(read.value.otherKinds).toEqual(['service.yaml']);
    expect(read.value.policies).toHaveLength(small.policies.length + small.isolation.length);
  });
});
