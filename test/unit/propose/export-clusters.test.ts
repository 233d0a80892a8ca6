import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { recheck } from '#core/policy/certify/recheck.ts';
import { renderPolicy } from '../../../server/adapters/manifests/render-policy.ts';
import { findExports, readExport } from '../../../server/adapters/policies-out/read-export.ts';
import { baselineOf, edge, sha256, workload } from '../../support/baseline-fixture.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { contentsOf, small, write, written } from './export-fixture.ts';
import { proposeFrom } from './shop-fixture.ts';

const there = workload('shop/web', { cluster: 'east' });
const east = proposeFrom(
  baselineOf({ workloads: [there], edges: [edge(there, there)], scope: { cluster: 'east' } }),
);
const [first] = small.policies;
const onePolicy = first === undefined ? '' : renderPolicy(first.policy, []);

describe('exports of several clusters', () => {
  test('share a folder, each in one of its own that proves itself', async () => {
    const dir = tempFolder();
    await written(small, dir);
    const before = contentsOf(dir);
    expect((await written(east, dir)).folder).toBe(join(dir, 'east'));
    expect(contentsOf(dir).filter((each) => each.startsWith('default/'))).toEqual(before);
    const folders = [join(dir, 'default'), join(dir, 'east')];
    expect(await findExports(dir)).toEqual({ folders, strays: [] });
    expect(await findExports(join(dir, 'east'))).toEqual({ folders: [join(dir, 'east')], strays: [] });
    for (const folder of folders) {
      const read = await readExport(folder);
      if (!read.ok) throw new Error(read.error.code);
      const { certificate, policies, failures } = read.value;
      expect(failures).toEqual([]);
      expect(recheck({ certificate, policies, hash: sha256 }).findings).toEqual([]);
    }
  });

  test('have strays named: what lies beside their folders and is proven by none', async () => {
    const dir = tempFolder();
    await written(small, dir);
    await written(east, dir);
    rmSync(join(dir, 'east/certificate.json'));
    mkdirSync(join(dir, 'own'));
    mkdirSync(join(dir, 'docs'));
    writeFileSync(join(dir, 'own/allow.yaml'), onePolicy);
    writeFileSync(join(dir, 'allow.yml'), onePolicy);
    writeFileSync(join(dir, 'kustomization.yaml'), 'kind: Kustomization\n');
    expect(await findExports(dir)).toEqual({
      folders: [join(dir, 'default')],
      strays: ['allow.yml', 'east', 'own'].map((name) => join(dir, name)),
    });
  });

  test('are refused a folder of one cluster, one that was moved there, and an index that it can not read', async () => {
    const dir = tempFolder();
    await written(small, dir);
    const folder = join(dir, 'default');
    expect(await write(east, folder)).toEqual({ ok: false, error: { code: 'inside_export' } });
    renameSync(folder, join(dir, 'east'));
    expect(await write(east, dir)).toEqual({
      ok: false,
      error: { code: 'other_cluster', cluster: 'default', path: join(dir, 'east') },
    });
    renameSync(join(dir, 'east'), folder);
    writeFileSync(
      join(folder, '.bulkhead-index.json'),
      '{"format":"bulkhead.index/1","cluster":"default","files":{"../x":1}}',
    );
    expect(await write(small, dir)).toMatchObject({ ok: false, error: { code: 'index_malformed' } });
  });
});
