import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { describeWorkload } from '#core/policy/cluster/cluster-model.ts';
import { describeManifestProblem } from '#core/policy/cluster/manifest-problem.ts';
import { clusterFromTexts, readCluster } from '../../../server/adapters/manifests/read-cluster.ts';
import { tempFolder } from '../../support/temp-folder.ts';

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = tempFolder();
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
  return folder;
}

const pod = (name: string, labels = '{}'): string =>
  `apiVersion: v1\nkind: Pod\nmetadata:\n  name: ${name}\n  labels: ${labels}\nspec: {containers: []}\n`;

async function read(files: Readonly<Record<string, string>>) {
  const { model, problems } = await readCluster([folderWith(files)]);
  return {
    names: model.workloads.map(({ name }) => name),
    model,
    problems: problems.map(describeManifestProblem),
  };
}

/** What reading one text says. */
function readText(text: string, file = 'a.yaml') {
  const { model, problems } = clusterFromTexts([{ file, text }]);
  return {
    names: model.workloads.map(({ name }) => name),
    model,
    problems: problems.map(describeManifestProblem),
  };
}

describe('a folder of manifests', () => {
  test('is read to the bottom, YAML and JSON alike, whatever else lies in it', async () => {
    const { names, problems } = await read({
      'a.yaml': pod('a'),
      'deep/er/b.yml': pod('b'),
      'c.json': JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'c' }, spec: {} }),
      'notes.txt': 'no manifest',
      'kustomization.yaml': 'resources: [a.yaml]\n',
      '.git/d.yaml': pod('d'),
    });
    expect(names).toEqual(['a', 'b', 'c']);
    expect(problems).toEqual([]);
  });

  test('names each object with file, document, line and item', async () => {
    const list = {
      apiVersion: 'v1',
      kind: 'List',
      items: [1, 2].map((n) => ({
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: `w${n}` },
        spec: { template: {} },
      })),
    };
    const { model } = await read({
      'l.json': JSON.stringify(list, undefined, 1),
      'p.yaml': `# top\n---\n${pod('x')}---\n${policyText('p')}`,
    });
    expect(model.workloads.find(({ name }) => name === 'w2')?.source).toEqual({
      file: 'l.json',
      document: 1,
      line: 15,
      item: 'items[1]',
    });
    expect(model.policies[0]?.source).toEqual({ file: 'p.yaml', document: 2, line: 10, item: '' });
  });

  test('several of them are one cluster, and each file says which it is from', async () => {
    const [one, two] = [folderWith({ 'a.yaml': pod('a') }), folderWith({ 'a.yaml': 'kind: Pod\n' })];
    const { model, problems } = await readCluster([one, join(two, 'a.yaml')]);
    expect(model.workloads.map(describeWorkload)).toEqual(['default/a[Pod]']);
    expect(problems.map(({ file }) => file)).toEqual([join(two, 'a.yaml')]);
  });

  test('links are named and not followed', async () => {
    const folder = folderWith({ 'a.yaml': pod('a') });
    symlinkSync('/etc/hostname', join(folder, 'b.yaml'));
    symlinkSync('/etc', join(folder, 'etc'));
    const { problems } = await readCluster([folder]);
    expect(problems.map(describeManifestProblem).sort()).toEqual([
      'b.yaml: is a symbolic link and was not followed; the file was left out',
      'etc: is a symbolic link and was not followed; the file was left out',
    ]);
  });

  test('that is not there is one problem that says so', async () => {
    const { files, problems } = await readCluster([join(tempFolder(), 'nowhere')]);
    expect(files).toBe(0);
    expect(problems.map(({ fault }) => fault)).toEqual(['unreadable']);
  });
});

const policyText = (name: string): string =>
  `apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: ${name}}\nspec: {podSelector: {}}\n`;

describe('C14: what a text may cost', () => {
  test('a file beyond 10 MiB is left out, and the others are read', async () => {
    const { names, problems } = await read({
      'a.yaml': pod('a'),
      'b.yaml': `# ${'x'.repeat(10 * 1024 * 1024)}\n${pod('b')}`,
    });
    expect(names).toEqual(['a']);
    expect(problems).toEqual(['b.yaml: is larger than 10 MiB; the file was left out']);
  });

  test('more than 5000 documents are refused, in one file and in all together', () => {
    expect(readText('---\n'.repeat(5002)).problems).toEqual([
      'a.yaml:1: goes beyond 5000 documents; the file was left out',
    ]);
    expect(readText('{}'.repeat(5001), 'a.json').problems).toEqual([
      'a.json:1: goes beyond 5000 documents; the file was left out',
    ]);
    const files = [1, 2].map((n) => ({ file: `${n}.yaml`, text: `${pod(`p${n}`)}${'---\n'.repeat(3000)}` }));
    const { model, problems } = clusterFromTexts(files);
    expect(model.workloads.map(({ name }) => name)).toEqual(['p1']);
    expect(problems.map(({ file, fault }) => [file, fault])).toEqual([['2.yaml', 'too_many_documents']]);
  });

  test('aliases that blow up are refused, in their place', () => {
    const level = (n: number): string =>
      `l${n}: &l${n} [${Array(10)
        .fill(`*l${n - 1}`)
        .join(', ')}]\n`;
    const bomb = `l0: &l0 [x]\n${[1, 2, 3, 4, 5, 6, 7, 8].map(level).join('')}`;
    const { names, problems } = readText(`${pod('a')}---\n${bomb}---\n${pod('b')}`);
    expect(names).toEqual(['a', 'b']);
    expect(problems).toEqual([
      'a.yaml:8: document 2: is not valid YAML (Excessive alias count indicates a resource exhaustion attack); the document was left out',
    ]);
  });

  test.each([
    ['a.yaml', '['.repeat(20_000)],
    ['a.yaml', '- '.repeat(20_000)],
    ['a.yaml', `${'['.repeat(500)}${']'.repeat(500)}`],
    ['a.json', `${'['.repeat(200_000)}${']'.repeat(200_000)}`],
  ])('what is nested without end is refused in %s', (file, text) => {
    expect(readText(text, file).problems).toEqual([
      `${file}:1: document 1: is nested deeper than 100 levels; the document was left out`,
    ]);
  });
});

describe('YAML as Kubernetes reads it', () => {
  test('an unquoted yes is no text', () => {
    expect(readText(pod('a', '{on-call: yes}')).problems).toEqual([
      'a.yaml:5: document 1: metadata.labels["on-call"] is no text; quote it (it reads as true); the object was left out',
    ]);
  });

  test('a date is the text it is, an octal number a number, and merge keys merge', () => {
    const { model, problems } = readText(`${pod('a', '{<<: &base {day: 2026-01-01}, at: x}')}---
apiVersion: v1
kind: Service
metadata: {name: s}
spec: {ports: [{port: 0120}]}
`);
    expect(problems).toEqual([]);
    expect(model.services[0]?.ports[0]?.port).toBe(80);
    expect(model.pods[0]?.pod.labels).toEqual([
      ['at', 'x'],
      ['day', '2026-01-01'],
    ]);
  });

  test('a byte order mark and Windows line ends change nothing', () => {
    const { names, problems } = readText(`\ufeff${pod('a')}---\n${pod('b')}`.replaceAll('\n', '\r\n'));
    expect(names).toEqual(['a', 'b']);
    expect(problems).toEqual([]);
  });

  test.each(['0085', '2028', '0000', '001b'])(
    'U+%s, which readers disagree about, costs the file',
    (code) => {
      const character = String.fromCodePoint(Number.parseInt(code, 16));
      const { names, problems } = readText(`${pod('a')}# x${character}- {}\n`);
      expect(names).toEqual([]);
      expect(problems).toEqual([
        `a.yaml:7: holds a character that readers of YAML disagree about; remove it (U+${code.toUpperCase()}); the file was left out`,
      ]);
    },
  );

  test('a quote that nobody closes costs its own document alone', () => {
    const { names, problems } = readText(`${pod('a')}---\n'${pod('b')}---\n${pod('c')}`);
    expect(names).toEqual(['a', 'c']);
    expect(problems.length).toBe(1);
  });

  test('two keys of one name are a fault', () => {
    expect(readText('a: 1\na: 2\n').problems).toEqual([
      'a.yaml:2: document 1: is not valid YAML (Map keys must be unique); the document was left out',
    ]);
  });
});

describe('JSON', () => {
  test('values one after the other are documents of their own, each with its lines', () => {
    const { names, problems } = readText(
      '{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}}\n{"apiVersion": "v1",\n "kind": "Pod",\n "metadata": {"name": "B"}}\n',
      'a.json',
    );
    expect(names).toEqual(['a']);
    expect(problems).toEqual([
      'a.json:4: document 2: metadata.name is no name that Kubernetes accepts; the object was left out',
    ]);
  });

  test('that is none says where it stops being any', () => {
    const { problems } = readText('{\n "apiVersion": "v1",\n "kind": @\n}\n', 'a.json');
    expect(problems).toEqual([
      expect.stringMatching(/^a\.json:3: document 1: is not valid JSON \(.+\); the document was left out$/),
    ]);
  });
});
