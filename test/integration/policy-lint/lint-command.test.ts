import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { bulkhead } from '../../support/cli.ts';
import { hasRecordings, recording, skippedWithoutRecordings } from '../../support/recordings.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const PAGE = readFileSync(join(import.meta.dirname, '../../../docs/commands/lint.md'), 'utf8');

const manifests = Object.fromEntries(
  [...PAGE.matchAll(/^```yaml\n# (\S+)\n([\s\S]*?)^```/gm)].map(([, file = '', text = '']) => [file, text]),
);

/** Each command of the page with what it prints there. */
const shown = [...PAGE.matchAll(/^```console\n\$ bulkhead lint (.+)\n([\s\S]*?)^```/gm)].map(
  ([, args = '', output = '']) => ({ args, output }),
);

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = tempFolder();
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
  return folder;
}

const policy = (spec: string, name = 'np'): string =>
  `apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: ${name}}\nspec: {${spec}}\n`;

const OPEN = policy('podSelector: {}, policyTypes: [Ingress], ingress: [{}]');
const IGNORED = policy('podSelector: {}, policyTypes: [Ingress], egress: [{to: [{podSelector: {}}]}]');

const run = (files: Readonly<Record<string, string>>, ...args: readonly string[]) =>
  bulkhead(['lint', ...args], { cwd: folderWith(files) });

describe('the page about `lint`', () => {
  test('shows manifests and commands to try on them', () => {
    expect(Object.keys(manifests)).toHaveLength(2);
    expect(shown.length).toBeGreaterThan(2);
  });

  test.each(shown)('prints what it prints for `$args`', async ({ args, output }) => {
    const { out, err } = await run(manifests, ...args.split(' '));
    expect(err + out).toBe(output);
  });
});

/** The part of a SARIF log that is looked at here. */
interface SarifLog {
  readonly runs: readonly {
    readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } };
    readonly results: readonly {
      readonly ruleId: string;
      readonly ruleIndex: number;
      readonly locations: readonly { readonly physicalLocation: unknown }[];
    }[];
  }[];
}

describe('bulkhead lint', () => {
  test('exits with 1 on an error, and on a warning only when asked to', async () => {
    const codes = await Promise.all([
      run({ 'np.yaml': IGNORED }, 'np.yaml'),
      run({ 'np.yaml': OPEN }, 'np.yaml'),
      run({ 'np.yaml': OPEN }, 'np.yaml', '--fail-on', 'warning'),
      run({ 'np.yaml': OPEN }, 'np.yaml', '--rule', 'open-ingress-rule=error'),
      run({ 'np.yaml': IGNORED }, 'np.yaml', '--rule', 'section-ignored=off'),
    ]);
    expect(codes.map(({ code }) => code)).toEqual([1, 0, 1, 1, 0]);
  });

  test.each([
    [{}, ['nowhere'], 'nowhere could not be read'],
    [{ 'readme.txt': '' }, ['.'], 'holds no YAML or JSON file'],
    [
      { 'cm.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n' },
      ['.'],
      'holds neither a NetworkPolicy',
    ],
    [{ 'np.yaml': OPEN }, ['np.yaml', '--rule', 'open=off'], 'there is no rule open'],
    [{ 'np.yaml': OPEN }, ['np.yaml', '--rule', 'open-ingress-rule=loud'], 'write off, info, warn or error'],
    [{ 'np.yaml': OPEN }, [], 'name a folder or file'],
  ])('says in one sentence what is wrong with the question (%#)', async (files, args, words) => {
    const { code, out, err } = await run(files, ...args);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(words);
    expect(err.trimEnd().split('\n')).toHaveLength(1);
  });

  test('a broken file is a finding, and the rest is looked at', async () => {
    const { code, out } = await run({ 'a.yaml': 'kind: @\n', 'b.yaml': OPEN }, '.');
    expect(code).toBe(1);
    expect(out).toContain('[manifest-unreadable]');
    expect(out).toContain('[open-ingress-rule]');
  });

  test('names the line of the field, in lists and second documents too', async () => {
    const list = `${OPEN}---
apiVersion: v1
kind: List
items:
  - apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata: {name: b}
    spec:
      podSelector: {}
      ingress:
        - from:
            - ipBlock:
                cidr: 192.0.2.1/24
`;
    const { out } = await run({ 'a.yaml': list }, '.', '--json');
    const { findings } = JSON.parse(out) as { findings: { rule: string; source: { line: number } }[] };
    const at = findings.find(({ rule }) => rule === 'cidr-host-bits');
    expect(list.split('\n')[(at?.source.line ?? 0) - 1]).toContain('192.0.2.1/24');
  });

  test('what a name holds never becomes a command of the runner', async () => {
    const hostile = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: "a\\n::error::b%0A,line=1"}
spec: {podSelector: {}, ingress: [{}], "x\\r\\n::set-output name=y::z": 1}
`;
    const { out } = await run({ 'a,b:c.yaml': hostile }, '.', '--format', 'github', '--min-severity', 'info');
    const lines = out.trimEnd().split('\n');
    expect(lines.length).toBeGreaterThan(1);
    for (const line of lines) {
      expect(line).toMatch(/^::(?:error|warning|notice) file=a%2Cb%3Ac\.yaml,line=\d+,title=[a-z0-9-]+%3A/);
    }
  });

  test('as SARIF names every rule, and every result points at one and at a place', async () => {
    const { out } = await run({ 'sub/np.yaml': OPEN }, '.', '--format', 'sarif');
    const [log] = (JSON.parse(out) as SarifLog).runs;
    expect(log?.results).toHaveLength(1);
    const [result] = log?.results ?? [];
    expect(log?.tool.driver.rules[result?.ruleIndex ?? -1]?.id).toBe(result?.ruleId);
    expect(result?.locations[0]?.physicalLocation).toEqual({
      artifactLocation: { uri: 'sub/np.yaml' },
      region: { startLine: 4 },
    });
  });
});

describe.skipIf(!hasRecordings)(`lint on published policies${skippedWithoutRecordings}`, () => {
  test('names the open rule of the frontend of Online Boutique, and no error', async () => {
    const app = recording('netpol/sample-apps/online-boutique');
    const { code, out } = await bulkhead(
      ['lint', join(app, 'release'), join(app, 'kustomize/components/network-policies'), '--json'],
      { cwd: tempFolder() },
    );
    const { errors, findings } = JSON.parse(out) as {
      errors: number;
      findings: { rule: string; about: string; what: string }[];
    };
    expect([code, errors]).toEqual([0, 0]);
    const open = findings.filter(({ rule }) => rule === 'open-ingress-rule');
    expect(open.map(({ about }) => about)).toEqual(['default/frontend']);
    expect(open[0]?.what).toContain('frontend-external of type LoadBalancer');
  });
});

test('our own example proposal has neither errors nor warnings', async () => {
  const { code, out } = await bulkhead(['lint', 'policies-out/demo', '--fail-on', 'warning'], {
    cwd: join(import.meta.dirname, '../../..'),
  });
  expect(code).toBe(0);
  expect(out).toContain('0 errors, 0 warnings');
});

test('a file of which nothing could be read is told as a finding, with the exit code of what was not read', async () => {
  const { code, out } = await run({ 'p.yaml': 'a: [1,\n' }, 'p.yaml');
  expect(out).toContain('[manifest-unreadable]');
  expect(code).toBe(2);
});
