import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { recheck } from '#core/policy/certify/recheck.ts';
import { fileWord, policyName, policyPath, slugOf } from '#core/policy/generate/policy-names.ts';
import type { Proposal } from '#core/policy/proposal.ts';
import { renderKustomization, renderPolicy } from '../../../server/adapters/manifests/render-policy.ts';
import { renderReport } from '../../../server/adapters/manifests/render-report.ts';
import { type ExportOptions, exportProposal } from '../../../server/adapters/policies-out/export-proposal.ts';
import { collidingPaths } from '../../../server/adapters/policies-out/plan-files.ts';
import { readExport } from '../../../server/adapters/policies-out/read-export.ts';
import { baselineOf, edge, sha256, workload } from '../../support/baseline-fixture.ts';
import { HOSTILE_STRINGS } from '../../support/hostile-strings.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { cart, db, proposeFrom, shopBaseline, web } from './shop-fixture.ts';

const renderers = { renderPolicy, renderKustomization, renderReport };

const write = (proposal: Proposal, dir: string, more: Partial<ExportOptions> = {}) =>
  exportProposal(proposal, { dir, hash: sha256, renderers, handEdited: 'keep', stale: 'keep', ...more });

async function written(proposal: Proposal, dir: string, more: Partial<ExportOptions> = {}) {
  const result = await write(proposal, dir, more);
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

const filesOf = (dir: string): readonly string[] =>
  readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .filter((path) => statSync(join(dir, path)).isFile())
    .sort();

const contentsOf = (dir: string): readonly string[] =>
  filesOf(dir).map((path) => `${path}\n${readFileSync(join(dir, path), 'utf8')}`);

async function verified(dir: string) {
  const read = await readExport(dir);
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  const { certificate, policies, failures } = read.value;
  return { failures, findings: recheck({ certificate, policies, hash: sha256 }).findings };
}

const shop = proposeFrom(shopBaseline());
const small = proposeFrom(baselineOf({ workloads: [web, cart, db], edges: [edge(web, cart)] }));
const smaller = proposeFrom(baselineOf({ workloads: [web, db], edges: [edge(web, db)] }));

describe('an export', () => {
  test('has one file for each workload, default deny apart, and a kustomization for each folder', async () => {
    const dir = tempFolder();
    await written(shop, dir);
    expect(filesOf(dir)).toEqual([
      '.bulkhead-index.json',
      'REPORT.md',
      'certificate.json',
      'default/default-deny/kube-system.yaml',
      'default/default-deny/kustomization.yaml',
      'default/default-deny/monitor.yaml',
      'default/default-deny/shop.yaml',
      'default/kube-system/coredns-deployment.yaml',
      'default/kube-system/kustomization.yaml',
      'default/monitor/kustomization.yaml',
      'default/monitor/prometheus-deployment.yaml',
      'default/shop/cart-deployment.yaml',
      'default/shop/db-statefulset.yaml',
      'default/shop/kustomization.yaml',
      'default/shop/web-deployment.yaml',
      'kustomization.yaml',
    ]);
    expect(readFileSync(join(dir, 'kustomization.yaml'), 'utf8')).not.toContain('default-deny');
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
    expect(again.unchanged).toHaveLength(15);
  });

  test('leaves a file that was edited by hand alone and names it, unless told to overwrite', async () => {
    const dir = tempFolder();
    await written(small, dir);
    const file = join(dir, 'default/shop/cart-deployment.yaml');
    const before = readFileSync(file, 'utf8');
    writeFileSync(file, before.replaceAll('8080', '8081'));
    expect((await written(small, dir)).handEdited).toEqual(['default/shop/cart-deployment.yaml']);
    expect(readFileSync(file, 'utf8')).toContain('8081');
    const { findings } = await verified(dir);
    expect(findings.map(({ code, subject }) => `${code} ${subject}`)).toEqual([
      'policy-edited default/shop/cart-deployment.yaml',
      'conversation-denied shop/web[Deployment] => shop/cart[Deployment] : TCP 8080',
    ]);
    const forced = await written(small, dir, { handEdited: 'overwrite' });
    expect(forced.updated).toEqual(['default/shop/cart-deployment.yaml']);
    expect(readFileSync(file, 'utf8')).toBe(before);
  });

  test('does not overwrite a file that no export wrote', async () => {
    const dir = tempFolder();
    mkdirSync(join(dir, 'default/shop'), { recursive: true });
    writeFileSync(join(dir, 'default/shop/cart-deployment.yaml'), 'mine\n');
    expect((await written(small, dir)).handEdited).toEqual(['default/shop/cart-deployment.yaml']);
    expect(readFileSync(join(dir, 'default/shop/cart-deployment.yaml'), 'utf8')).toBe('mine\n');
  });

  test('keeps the policy of a workload that went quiet until it is pruned, and goes on applying it', async () => {
    const dir = tempFolder();
    await written(small, dir);
    const quiet = 'default/shop/cart-deployment.yaml';
    expect((await written(smaller, dir)).stale).toEqual([quiet]);
    expect(readFileSync(join(dir, 'default/shop/kustomization.yaml'), 'utf8')).toContain(
      'cart-deployment.yaml',
    );
    expect((await verified(dir)).findings.map((each) => `${each.severity} ${each.code}`)).toEqual([
      'info policy-retained',
    ]);
    const pruned = await written(smaller, dir, { stale: 'delete' });
    expect(pruned).toMatchObject({ stale: [], deleted: [quiet] });
    expect(existsSync(join(dir, quiet))).toBe(false);
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
    expect(pruned).toMatchObject({ deleted: [], stale: ['default/shop/cart-deployment.yaml'] });
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
    expect(existsSync(join(dir, 'certificate.json'))).toBe(false);
    symlinkSync(elsewhere, join(dir, 'out'));
    expect(await write(small, join(dir, 'out'))).toMatchObject({
      ok: false,
      error: { code: 'symlink_in_the_way' },
    });
  });

  test('refuses a folder that holds another cluster, or an index that it can not read', async () => {
    const dir = tempFolder();
    await written(small, dir);
    const there = workload('shop/web', { cluster: 'east' });
    const east = proposeFrom(
      baselineOf({ workloads: [there], edges: [edge(there, there)], scope: { cluster: 'east' } }),
    );
    expect(await write(east, dir)).toEqual({
      ok: false,
      error: { code: 'other_cluster', cluster: 'default' },
    });
    writeFileSync(
      join(dir, '.bulkhead-index.json'),
      '{"format":"bulkhead.index/1","cluster":"default","files":{"../x":1}}',
    );
    expect(await write(small, dir)).toMatchObject({ ok: false, error: { code: 'index_malformed' } });
  });

  test('never leaves its folder, whatever the index says', async () => {
    const dir = tempFolder();
    const victim = join(dir, 'victim.yaml');
    writeFileSync(victim, 'precious\n');
    const out = join(dir, 'out');
    mkdirSync(out);
    const files = { '../victim.yaml': { hash: sha256('precious\n'), retained: false } };
    writeFileSync(
      join(out, '.bulkhead-index.json'),
      JSON.stringify({ format: 'bulkhead.index/1', cluster: 'default', files }),
    );
    expect(await write(small, out, { stale: 'delete' })).toEqual({
      ok: false,
      error: { code: 'path_outside', path: '../victim.yaml' },
    });
    expect(readFileSync(victim, 'utf8')).toBe('precious\n');
  });

  test('of nothing still has a report that says why', async () => {
    const dir = tempFolder();
    await written(proposeFrom(baselineOf({ workloads: [], edges: [] })), dir);
    expect(filesOf(dir)).toEqual(['.bulkhead-index.json', 'REPORT.md', 'certificate.json']);
    expect(readFileSync(join(dir, 'REPORT.md'), 'utf8')).toContain('There is nothing to propose');
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
    const dir = tempFolder();
    await written(small, dir);
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
