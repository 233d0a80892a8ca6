import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { RuleReason } from '#core/policy/proposal.ts';
import { code, sentence, table } from '../../../server/adapters/manifests/markdown.ts';
import { renderKustomization, renderPolicy } from '../../../server/adapters/manifests/render-policy.ts';
import { yamlText } from '../../../server/adapters/manifests/yaml-text.ts';
import { parsePolicies } from '../../../server/adapters/policies-out/parse-policies.ts';
import { FORBIDDEN, HOSTILE_STRINGS } from '../../support/hostile-strings.ts';
import { hasRecordings, recording, skippedWithoutRecordings } from '../../support/recordings.ts';
import { faultsAgainst, type Schema } from './schema-check.ts';
import { proposeFrom, shopBaseline } from './shop-fixture.ts';

const hasKubectl = spawnSync('kubectl', ['kustomize', '--help']).status === 0;
const folder = mkdtempSync(join(tmpdir(), 'bulkhead-yaml-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What kubectl makes of these documents, as objects; it prints YAML of its own. */
function throughKubectl(texts: readonly string[]): readonly unknown[] {
  const at = mkdtempSync(join(folder, 'k-'));
  return texts.map((text, index) => {
    const own = join(at, String(index));
    mkdirSync(own);
    writeFileSync(join(own, 'policy.yaml'), text);
    writeFileSync(join(own, 'kustomization.yaml'), renderKustomization(['policy.yaml']));
    const { stdout, stderr, status } = spawnSync('kubectl', ['kustomize', own], { encoding: 'utf8' });
    if (status === 0) return parse(stdout) as unknown;
    throw new Error(stderr);
  });
}

const policyWith = (comment: string, value: string) => {
  const policy = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'under-test', namespace: 'shop', annotations: { [`k${value.length % 7}`]: value } },
    spec: {
      podSelector: { matchLabels: { app: value } },
      policyTypes: ['Ingress', 'Egress'] as const,
      ingress: [
        { from: [{ podSelector: { matchLabels: { app: value } } }], ports: [{ protocol: 'TCP', port: 80 }] },
      ],
      egress: [{ to: [{ ipBlock: { cidr: '192.0.2.1/32' } }], ports: [{ protocol: 'TCP', port: 80 }] }],
    },
  };
  const reason = (direction: 'ingress' | 'egress'): RuleReason => ({
    direction,
    index: 0,
    edges: [],
    comment,
    confidence: 'A',
  });
  return { policy, text: renderPolicy(policy, [reason('ingress'), reason('egress')]) };
};

/** Text as UTF-8 has it: half of a surrogate pair is no character and can not be written at all. */
const wellFormed = (text: string): string => text.toWellFormed().replaceAll('\ufffd', '?');

/** kubectl reads a control character in a value, but what it prints of it is not what it read. */
const printableValue = (text: string): string =>
  FORBIDDEN.test(text) ? 'plain' : wellFormed(text).slice(0, 4096);

const cases = HOSTILE_STRINGS.map((hostile) => ({ hostile, ...policyWith(hostile, wellFormed(hostile)) }));

describe('policies as YAML', () => {
  test('read back as the same object, whatever their comments and values are', () => {
    for (const { text, policy } of cases) expect(parse(text)).toEqual(policy);
    for (const { hostile } of cases) {
      const value = { key: wellFormed(hostile), [`k ${wellFormed(hostile)}`]: 1 };
      expect(parse(yamlText(value))).toEqual(value);
      expect(parse(yamlText(value), { version: '1.1' })).toEqual(value);
    }
  });

  test('hold no character that a reader could take for the end of a line or for nothing', () => {
    for (const { policy } of cases) {
      for (const { text } of HOSTILE_STRINGS.map((hostile) => policyWith(hostile, 'plain')))
        expect(text).not.toMatch(FORBIDDEN);
      expect(renderPolicy(policy, [])).not.toMatch(FORBIDDEN);
    }
    for (const { text } of HOSTILE_STRINGS.map((hostile) => ({
      text: yamlText({ [`k${hostile}`]: hostile }),
    }))) {
      expect(text).not.toMatch(FORBIDDEN);
    }
  });

  test('have comments of one line and at most 200 characters', () => {
    for (const hostile of HOSTILE_STRINGS) {
      const comments = policyWith(hostile, 'plain')
        .text.split('\n')
        .filter((line) => line.trimStart().startsWith('#'));
      expect(comments.length).toBeLessThanOrEqual(2);
      for (const line of comments) expect(line.trimStart().length).toBeLessThanOrEqual(202);
    }
  });

  test.each(['true', '1e3', 'on', 'null', '2001-01-01', '0x1F', '1_000', '~', 'y'])(
    'quote the label %s',
    (value) => {
      expect(policyWith('', value).text).toMatch(new RegExp(`app: ["']${value}["']`));
    },
  );

  describe.skipIf(!hasKubectl)(
    `and kubectl${hasKubectl ? '' : ' (skipped: there is no kubectl on the PATH)'}`,
    () => {
      test('reads the object that we wrote, for every hostile comment and value', {
        timeout: 120_000,
      }, () => {
        const written = HOSTILE_STRINGS.map((hostile) => policyWith(hostile, printableValue(hostile)));
        expect(throughKubectl(written.map(({ text }) => text))).toEqual(written.map(({ policy }) => policy));
      });
    },
  );

  describe.skipIf(!hasRecordings)(`against the API server's schema${skippedWithoutRecordings}`, () => {
    test('each policy of a proposal is valid, unknown fields refused', () => {
      const file = recording('schemas', 'kubernetes', 'networkpolicy-networking-v1.strict.json');
      const schema = JSON.parse(readFileSync(file, 'utf8')) as Schema;
      const proposal = proposeFrom(shopBaseline());
      for (const { policy } of [...proposal.policies, ...proposal.isolation]) {
        expect(faultsAgainst(schema, parse(renderPolicy(policy, [])))).toEqual([]);
      }
      expect(faultsAgainst(schema, { kind: 'NetworkPolicy', spec: { podSelector: {}, more: 1 } })).toContain(
        '$.spec.more: is no field',
      );
    });
  });
});

describe('policies read from files', () => {
  const text = policyWith('fine', 'web').text;

  test('come with their file, and with the number of the document when there are several', () => {
    const read = parsePolicies(`${text}---\nkind: Service\n---\n${text}`, 'a.yaml');
    expect(read.policies.map(({ file }) => file)).toEqual(['a.yaml#1', 'a.yaml#3']);
    expect(read.otherKinds).toEqual(['a.yaml#2']);
    expect(read.failures).toEqual([]);
  });

  test('are refused where readers disagree: unsafe characters, and values that YAML 1.1 takes for something else', () => {
    const nel = text.replace('# fine', '# GET /x\u0085    - {}');
    expect(parsePolicies(nel, 'a.yaml').failures).toMatchObject([
      { code: 'unsafe_character', character: 'U+0085' },
    ]);
    expect(parsePolicies(text.replace('app: web', 'app: on'), 'a.yaml').failures).toEqual([
      { code: 'ambiguous_value', file: 'a.yaml' },
    ]);
  });

  test('that are no YAML, no policy or an alias bomb are failures with a line, never a crash', () => {
    expect(parsePolicies('a: [1', 'a.yaml').failures).toMatchObject([{ code: 'yaml_invalid', line: 1 }]);
    expect(parsePolicies('kind: NetworkPolicy\nspec: {}\n', 'a.yaml').failures).toMatchObject([
      { code: 'policy_shapeless' },
    ]);
    expect(parsePolicies('kind: NetworkPolicy\nmetadata: {name: a}\n', 'a.yaml').failures).toMatchObject([
      { code: 'policy_shapeless' },
    ]);
    const levels = 'abcdefghij'.split('').map((name, index, all) => {
      const before = index === 0 ? '"x"' : `*${all[index - 1]}`;
      return `${name}: &${name} [${Array.from({ length: 9 }, () => before).join(',')}]`;
    });
    expect(parsePolicies(levels.join('\n'), 'a.yaml').failures).toMatchObject([{ code: 'yaml_invalid' }]);
  });
});

describe('names in the report', () => {
  test('never become links, images, tags or table cells', () => {
    for (const hostile of HOSTILE_STRINGS) {
      const [, , row = ''] = table(['a', 'b'], [[code(hostile), sentence(hostile)]]);
      const cells = row.slice(2, -2).split(/(?<!\\) \| /);
      expect(cells).toHaveLength(2);
      expect(row).not.toMatch(FORBIDDEN);
      const prose = sentence(hostile);
      expect(prose).not.toMatch(/(?<!\\)[<>[\]`*_|]/);
      expect(prose).not.toMatch(/:\/\/|www\./);
      const [fence = ''] = code(hostile).match(/^`+/) ?? [];
      expect(code(hostile).slice(fence.length, -fence.length)).not.toContain(fence);
    }
  });
});
