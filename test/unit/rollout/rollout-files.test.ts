import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { recheck } from '#core/policy/certify/recheck.ts';
import type { Proposal } from '#core/policy/proposal.ts';
import { planRollout } from '#core/policy/rollout/plan-rollout.ts';
import type { RolloutPlan } from '#core/policy/rollout/rollout-plan.ts';
import { findManifests } from '../../../server/adapters/manifests/find-manifests.ts';
import { renderRollout } from '../../../server/adapters/manifests/render-rollout.ts';
import { AUDIT_FIRST } from '../../../server/adapters/manifests/rollout-audit.ts';
import { readExport } from '../../../server/adapters/policies-out/read-export.ts';
import { sha256 } from '../../support/baseline-fixture.ts';
import { HOSTILE_STRINGS } from '../../support/hostile-strings.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { filesOf, written } from '../propose/export-fixture.ts';
import { proposeFrom, shopBaseline } from '../propose/shop-fixture.ts';

const shop = proposeFrom(shopBaseline());
const plan = planRollout(shop, sha256);

async function exported(proposal: Proposal = shop): Promise<string> {
  const dir = tempFolder();
  await written(proposal, dir);
  return join(dir, 'default');
}

describe('the files of a rollout', () => {
  test('are taken for no policy, and the export proves itself with them', async () => {
    const folder = await exported();
    const read = await readExport(folder);
    if (!read.ok) throw new Error(JSON.stringify(read.error));
    const { certificate, policies, failures, otherKinds } = read.value;
    expect({ failures, otherKinds }).toEqual({ failures: [], otherKinds: [] });
    expect(policies).toHaveLength(shop.policies.length + shop.isolation.length);
    expect(recheck({ certificate, policies, hash: sha256 }).findings).toEqual([]);
  });

  test('are taken for no manifest in an export, and for one anywhere else', async () => {
    const folder = await exported();
    const { files } = await findManifests(folder);
    expect(files.filter((file) => file.endsWith('.json'))).toEqual([]);
    expect(files).toHaveLength(shop.policies.length + shop.isolation.length);
    const elsewhere = tempFolder();
    writeFileSync(join(elsewhere, 'rollout.json'), '{}');
    expect((await findManifests(elsewhere)).files).toEqual(['rollout.json']);
  });

  test('are left as a person edited them, and named', async () => {
    const dir = tempFolder();
    await written(shop, dir);
    const page = join(dir, 'default/ROLLOUT.md');
    writeFileSync(page, 'Ours now.\n');
    expect(await written(shop, dir)).toMatchObject({ handEdited: ['ROLLOUT.md'], updated: [] });
    expect(readFileSync(page, 'utf8')).toBe('Ours now.\n');
    expect(await written(shop, dir, { handEdited: 'overwrite' })).toMatchObject({ updated: ['ROLLOUT.md'] });
  });

  test('name files that are there', async () => {
    const folder = await exported();
    const present = filesOf(folder);
    for (const { policies } of plan.waves) for (const { file } of policies) expect(present).toContain(file);
  });

  test('hold the whole plan as data, and every rule with its confidence', async () => {
    const folder = await exported();
    expect(JSON.parse(readFileSync(join(folder, 'rollout.json'), 'utf8'))).toEqual(
      JSON.parse(JSON.stringify(plan)),
    );
    const evidence = JSON.parse(readFileSync(join(folder, 'evidence.json'), 'utf8'));
    expect(evidence.holdOut).toEqual(JSON.parse(JSON.stringify(shop.holdOut)));
    expect(evidence.rules).toHaveLength(shop.policies.flatMap(({ reasons }) => reasons).length);
    expect(evidence.rules[0].parts.points).toBeGreaterThan(0);
  });
});

describe('the page of a rollout', () => {
  test('says first whether the way is safe, and has a way back for each wave', () => {
    const page = renderRollout(plan);
    expect(page.indexOf('no wave cuts any of it')).toBeLessThan(page.indexOf('## Before the first wave'));
    expect(page.match(/^## Wave /gm)).toHaveLength(plan.waves.length);
    expect(page.match(/^kubectl apply (?:\\|-f )/gm)).toHaveLength(plan.waves.length);
    expect(page.match(/^Take it back:$/gm)).toHaveLength(plan.waves.length);
  });

  test('says loudly when it is not, and what is cut', () => {
    const [first, ...others] = plan.waves;
    if (first === undefined) throw new Error('no waves');
    const judged = { ...first.judged, cutMidway: ['shop/a[Deployment] => shop/b[Deployment] : TCP 1'] };
    const page = renderRollout({ ...plan, isSafe: false, waves: [{ ...first, judged }, ...others] });
    expect(page).toContain('**This order is not safe:**');
    expect(page).toContain('- `shop/a[Deployment] => shop/b[Deployment] : TCP 1`');
  });

  test('lets no text from flows become markup or leave its code block', () => {
    const [first] = plan.waves;
    if (first === undefined) throw new Error('no waves');
    for (const text of [...HOSTILE_STRINGS, '```\n# owned', '| a | b |', '<script>']) {
      const hostile: RolloutPlan = {
        ...plan,
        cluster: text,
        waves: [
          {
            ...first,
            policies: first.policies.map((policy) => ({ ...policy, workload: text, file: text })),
            cuts: [{ line: text, conversations: 1, reason: 'rejected', note: text }],
            thinRules: [{ rule: text, admits: text, confidence: 'D', needs: text }],
            holdOut: { edges: 1, conversations: 1, lines: [text] },
            isolatesBlindly: [{ workload: text, directions: ['ingress'] }],
          },
        ],
      };
      const lines = renderRollout(hostile).split('\n');
      expect(lines.filter((line) => line.startsWith('# '))).toEqual(['# Rollout plan']);
      expect(lines.filter((line) => line.startsWith('```'))).toHaveLength(
        lines.filter((l) => l.startsWith('```sh')).length * 2,
      );
      expect(lines.filter((line) => /^<|^\s*<script/.test(line))).toEqual([]);
    }
  });

  test('of nothing says so', () => {
    expect(renderRollout({ ...plan, waves: [] })).toContain('There is nothing to apply.');
  });
});

describe('staging with Calico', () => {
  test('turns each exported policy into its staged twin, and nothing else of it', async () => {
    const folder = await exported();
    const script = AUDIT_FIRST.join('\n')
      .match(/^find [\s\S]*?^done$/m)?.[0]
      .replace('| kubectl apply -f -', '');
    if (script === undefined) throw new Error('no script');
    const staged = execFileSync('/bin/sh', ['-c', script], { cwd: folder, encoding: 'utf8' });
    const count = shop.policies.length + shop.isolation.length;
    expect(staged.match(/^apiVersion: projectcalico\.org\/v3$/gm)).toHaveLength(count);
    expect(staged.match(/^kind: StagedKubernetesNetworkPolicy$/gm)).toHaveLength(count);
    expect(staged).not.toMatch(/networking\.k8s\.io|kind: NetworkPolicy/);
  });
});
