import { describe, expect, test } from 'vitest';
import { KUBERNETES_PROFILE } from '#core/policy/literal/profiles.ts';
import { parseManifestText } from '../../../server/adapters/manifests/manifest-text.ts';
import { clusterFromTexts } from '../../../server/adapters/manifests/read-cluster.ts';
import { renderPolicy } from '../../../server/adapters/manifests/render-policy.ts';
import { textDiff } from '../../../server/adapters/manifests/text-diff.ts';
import { answerQuestion } from '../../../server/app/policy-questions/answer-question.ts';
import { Cuts } from '../../../server/app/policy-questions/cuts.ts';
import { Ground, profileOf, type SeenGround } from '../../../server/app/policy-questions/ground.ts';
import { seenGroundOf } from '../../../server/app/policy-questions/seen-ground.ts';
import { shop } from '../../integration/http/running.ts';
import { BLAST_CLUSTER, BLAST_POLICIES } from '../../support/blast-cluster.ts';
import { FakeWorkspace } from '../../support/fake-workspace.ts';

const TOOLS = { read: clusterFromTexts, placed: parseManifestText, printPolicy: renderPolicy, textDiff };
const SERVED = {
  files: [{ file: 'shop.yaml', text: `${BLAST_CLUSTER}---\n${BLAST_POLICIES}` }],
  problems: [],
};

const pathOf = (each: { readonly policy: { readonly metadata: { readonly name: string } } }): string =>
  `${each.policy.metadata.name}.yaml`;

const nobody: SeenGround = seenGroundOf(new FakeWorkspace(), pathOf);
const seen: SeenGround = seenGroundOf(shop(), pathOf);

const namesOf = (
  texts: readonly { readonly namespace: string; readonly name: string }[],
): readonly string[] => [...new Set(texts.map(({ namespace, name }) => `${namespace}/${name}`))].sort();

describe('who is there', () => {
  test('manifests speak first, and flows add whom they do not name', () => {
    const ground = new Ground(SERVED, TOOLS);
    const selected = ground.select({ from: 'current' }, seen, 'policies');
    if (!selected.ok) throw new Error(selected.error.code);
    const asked = ground.asked(selected.value, seen, undefined);
    if (!asked.ok) throw new Error(asked.error.code);
    expect(namesOf(asked.value.model.workloads)).toEqual([
      'data/db',
      'shop/cart',
      'shop/db',
      'shop/job',
      'shop/web',
    ]);
    const { residents } = ground.population(selected.value, seen, KUBERNETES_PROFILE);
    expect(namesOf(residents)).toEqual(namesOf(asked.value.model.workloads));
    const pods = residents.map(({ pod }) => pod.name);
    expect(pods).toContain('db-0');
    expect(pods).not.toContain('cart-5b6f47d9c-b2b4c');
  });

  test('workloads that come with sent policies are there too, and the policies are those alone', () => {
    const ground = new Ground(SERVED, TOOLS);
    const text = BLAST_CLUSTER.replaceAll('job', 'extra');
    const selected = ground.select({ from: 'manifests', text }, seen, 'policies');
    if (!selected.ok) throw new Error(selected.error.code);
    const { model } = ground.askedAnyhow(selected.value, seen, undefined);
    expect(namesOf(model.workloads)).toContain('shop/extra');
    expect(namesOf(model.workloads)).toContain('shop/job');
    expect(model.policies).toEqual([]);
  });

  test('the proposal is read as an export would write it', () => {
    const ground = new Ground(undefined, TOOLS);
    const selected = ground.select({ from: 'proposal' }, seen, 'policies');
    if (!selected.ok) throw new Error(selected.error.code);
    expect(selected.value.policies.length).toBe(seen.proposal?.files.length);
    expect(selected.value.policies.map(({ source }) => source.file)).toEqual(
      expect.arrayContaining(seen.proposal?.files.map(({ file }) => file) ?? []),
    );
  });

  test('the network is cilium where flows are known, kubernetes where none are, and the one asked for', () => {
    expect(profileOf(seen, undefined).name).toBe('cilium');
    expect(profileOf(nobody, undefined).name).toBe('kubernetes');
    expect(profileOf(seen, 'calico').name).toBe('calico');
  });
});

test('asking changes nothing of what is asked: the same question has the same answer again', () => {
  const ground = new Ground(SERVED, TOOLS);
  const question = { ask: 'replay', policies: { from: 'current' }, namespaces: [], limit: 10 } as const;
  const first = JSON.stringify(answerQuestion(question, ground, seen));
  answerQuestion({ ...question, policies: { from: 'proposal' } }, ground, seen);
  expect(JSON.stringify(answerQuestion(question, ground, seen))).toBe(first);
});

test('a cut list says how much of it there is', () => {
  const cuts = new Cuts(2);
  expect(cuts.take('numbers', [1, 2, 3])).toEqual([1, 2]);
  expect(cuts.take('none', [])).toEqual([]);
  expect(cuts.lists).toEqual([
    { name: 'numbers', shown: 2, total: 3 },
    { name: 'none', shown: 0, total: 0 },
  ]);
});
