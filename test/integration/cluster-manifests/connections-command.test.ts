import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readCluster } from '../../../server/adapters/manifests/read-cluster.ts';
import { connectionsCommand } from '../../../server/cli/connections.ts';
import { createProgram, runProgram } from '../../../server/cli/program.ts';
import { tempFolder } from '../../support/temp-folder.ts';

/** Runs the command in this process; paths are as given below the folder, and come back out as they went in. */
async function connections(folder: string, args: readonly string[]) {
  const [out, err]: [string[], string[]] = [[], []];
  const terminal = {
    out: (text: string) => void out.push(text),
    err: (text: string) => void err.push(text),
    isErrTerminal: false,
    monotonicMs: () => 0,
  };
  const read = (paths: readonly string[]) => readCluster(paths.map((path) => join(folder, path)));
  const program = createProgram('0', [
    { heading: 'Ask:', commands: [connectionsCommand({ terminal, readCluster: read })] },
  ]);
  const code = await runProgram(program, ['connections', ...args], terminal);
  process.exitCode = 0;
  return { code, out: out.join(''), err: err.join('') };
}

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = tempFolder();
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
  return folder;
}

const PAGE = readFileSync(join(import.meta.dirname, '../../../docs/commands/connections.md'), 'utf8');

const manifests = Object.fromEntries(
  [...PAGE.matchAll(/^```yaml\n# (\S+)\n([\s\S]*?)^```/gm)].map(([, file = '', text = '']) => [file, text]),
);

/** Each command of the page with what it prints there. */
const shown = [...PAGE.matchAll(/^```console\n\$ bulkhead connections (.+)\n([\s\S]*?)^```/gm)].map(
  ([, args = '', output = '']) => ({ args, output }),
);

describe('the page about `connections`', () => {
  test('shows manifests and commands to try on them', () => {
    expect(Object.keys(manifests).length).toBeGreaterThan(1);
    expect(shown.length).toBeGreaterThan(3);
  });

  test.each(shown)('prints what it prints for `$args`', async ({ args, output }) => {
    const { out, err } = await connections(folderWith(manifests), args.split(' '));
    expect(err + out).toBe(output);
  });
});

const POD = 'apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: shop}\nspec: {containers: []}\n';

describe('bulkhead connections', () => {
  test('as JSON carries rows, notes and problems with their places', async () => {
    const folder = folderWith({ 'm/a.yaml': `${POD}---\nkind: Pod\n` });
    const { code, out } = await connections(folder, ['m', '--json']);
    const shownJson = JSON.parse(out) as { connections: unknown[]; problems: unknown[] };
    expect(code).toBe(0);
    expect(shownJson.connections[0]).toEqual({
      line: 'shop/web[Pod] => 0.0.0.0/0[external] : all ports',
      from: { kind: 'workload', text: 'shop/web[Pod]', namespace: 'shop', workloadKind: 'Pod', name: 'web' },
      to: {
        kind: 'external',
        text: '0.0.0.0/0[external]',
        family: 'IPv4',
        first: '0.0.0.0',
        last: '255.255.255.255',
        cidr: '0.0.0.0/0',
      },
      ports: ['SCTP', 'TCP', 'UDP'].map((protocol) => ({ protocol, from: 1, to: 65_535 })),
      onlySomePods: [],
    });
    expect(shownJson.problems).toEqual([
      expect.objectContaining({
        file: 'a.yaml',
        document: 2,
        line: 6,
        field: 'apiVersion',
        fault: 'api_version_missing',
      }),
    ]);
  });

  test('goes on after what it can not read, unless told to be strict', async () => {
    const folder = folderWith({ 'm/a.yaml': POD, 'm/b.yaml': ': :\n' });
    expect((await connections(folder, ['m'])).code).toBe(0);
    const strict = await connections(folder, ['m', '--strict']);
    expect(strict.code).toBe(2);
    expect(strict.err).toMatch(/^bulkhead: b\.yaml:1: document 1: is not valid YAML/);
  });

  test('keeps to the namespaces it is asked about', async () => {
    const folder = folderWith({ 'm/a.yaml': POD, 'm/b.yaml': POD.replaceAll('shop', 'bank') });
    const { out } = await connections(folder, ['m', '-n', 'bank']);
    expect(out).toContain('shop/web[Pod] => bank/web[Pod] : all ports');
    expect(out).not.toContain('shop/web[Pod] => 0.0.0.0/0');
  });

  test.each([
    [
      'a folder that is not there',
      ['nowhere'],
      /^bulkhead: .*nowhere could not be read: there is no such file or folder/,
    ],
    ['a folder without manifests', ['empty'], /^bulkhead: empty holds no YAML or JSON file\.\n$/],
    ['manifests without a workload', ['none'], /no workload could be read from 1 file of none\.\n$/],
    [
      'a namespace that can be none',
      ['none', '-n', 'A_B'],
      /^bulkhead: --namespace A_B is no namespace name\.\n$/,
    ],
  ])('says in one sentence what is wrong with %s', async (_, args, sentence) => {
    const folder = folderWith({
      'empty/notes.txt': 'x',
      'none/a.yaml': 'kind: List\napiVersion: v1\nitems: []\n',
    });
    const { code, out, err } = await connections(folder, args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(sentence);
  });

  test('says which policies it does not judge', async () => {
    const cilium = 'apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: x}\n';
    const { err } = await connections(folderWith({ 'm/a.yaml': `${POD}---\n${cilium}` }), ['m']);
    expect(err).toBe(
      'bulkhead: policies of other kinds are not judged and may forbid or allow more: 1 × CiliumNetworkPolicy (cilium.io/v2)\n',
    );
  });

  test('prints no control character that a manifest holds', async () => {
    const { err } = await connections(
      folderWith({
        'm/a.yaml': `${POD}---\napiVersion: v1\nkind: "\\e[2J"\nmetadata: {name: "\\e[2J"}\n`,
        'm/b.yaml': '{"a\\u001b": 1}\n',
      }),
      ['m'],
    );
    expect(err).not.toContain('\u001b');
  });
});

const BY_ADDRESS = `apiVersion: v1
kind: Pod
metadata: {name: client, namespace: shop, labels: {app: client}, ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: client, uid: a, controller: true}]}
spec: {containers: []}
status: {podIP: 10.0.0.7}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: by-address, namespace: shop}
spec: {podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.7/32}}], ports: [{port: 80}]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: server, namespace: shop, labels: {app: server}, ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: server, uid: b, controller: true}]}
spec: {containers: []}
status: {podIP: 10.0.0.8}
`;

describe('the question of portability', () => {
  const folder = () => folderWith({ 'all.yaml': BY_ADDRESS });

  test('fails a pipeline only when that was asked for', async () => {
    const loose = await connections(folder(), ['.', '--portable']);
    expect(loose.code).toBe(0);
    expect(loose.out).toContain('Not portable: 1 cause');
    const strict = await connections(folder(), ['.', '--portable', '--fail-on-difference']);
    expect(strict).toEqual({ ...loose, code: 1 });
    const elsewhere = await connections(folder(), ['.', '--portable', '--fail-on-difference', '-n', 'other']);
    expect(elsewhere.code).toBe(0);
    expect(elsewhere.out).toContain('Portable, as far as manifests tell: cilium, calico');
  });

  test('as JSON carries each cause with its policy, its place, its pairs and what to write instead', async () => {
    const { out } = await connections(folder(), ['.', '--portable', '--json']);
    const shown = JSON.parse(out);
    expect(shown).toMatchObject({ portable: false, hints: [], problems: [] });
    expect(shown.differences).toMatchObject([
      {
        ...{ network: 'cilium', effect: 'denied', cause: 'block-and-pod', rule: 'ingress[0].from[0]' },
        policies: [{ namespace: 'shop', name: 'by-address', source: { line: 7 } }],
        ends: [{ line: 'shop/client[ReplicaSet] => shop/server[ReplicaSet] : TCP 80' }],
        instead: expect.stringContaining('podSelector'),
      },
    ]);
  });

  test('is answered network by network as well, by the lines that differ', async () => {
    const { out, code } = await connections(folder(), ['.', '--compare', 'all', '--fail-on-difference']);
    expect(out).toBe('kubernetes: shop/client[ReplicaSet] => shop/server[ReplicaSet] : TCP 80\n');
    expect(code).toBe(1);
  });

  test('is asked one way at a time', async () => {
    const { code, err } = await connections(folder(), ['.', '--portable', '--compare', 'all']);
    expect(code).toBe(2);
    expect(err).toContain('--portable');
  });
});
