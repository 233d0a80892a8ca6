import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { chartHash, PLAIN_MANIFESTS } from '../../../deploy/manifests/render.ts';
import { textOf } from './plain-manifests.ts';

const ROOT = join(import.meta.dirname, '../../..');
const CHART = join(ROOT, 'deploy/helm/bulkhead');

interface Described {
  readonly type?: string;
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly $ref?: string;
  readonly additionalProperties?: unknown;
  readonly properties?: Readonly<Record<string, Described>>;
}

const read = (path: string): string => readFileSync(join(CHART, path), 'utf8');
const values: unknown = parse(read('values.yaml'));
const schema = JSON.parse(read('values.schema.json')) as Described;
const chart = parse(read('Chart.yaml')) as Readonly<Record<string, unknown>>;

const isGroup = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Paths of the values, down to where the schema stops to name fields. */
function paths(value: unknown, { properties }: Described, at = ''): readonly string[] {
  if (!isGroup(value) || properties === undefined) return [at];
  return Object.entries(value).flatMap(([key, each]) =>
    paths(each, properties[key] ?? {}, at === '' ? key : `${at}.${key}`),
  );
}

/** The same of the schema. */
function described(each: Described, at = ''): readonly string[] {
  if (each.properties === undefined) return [at];
  return Object.entries(each.properties).flatMap(([key, inner]) =>
    described(inner, at === '' ? key : `${at}.${key}`),
  );
}

function groups(each: Described, at = '$'): readonly (readonly [string, Described])[] {
  if (each.properties === undefined) return [];
  const inner = Object.entries(each.properties).flatMap(([key, below]) => groups(below, `${at}.${key}`));
  return [[at, each], ...inner];
}

describe('the chart', () => {
  test('has the version of the package', () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
    expect(chart['appVersion']).toBe(version);
    expect(readFileSync(join(ROOT, 'deploy/image/Containerfile'), 'utf8')).toContain(
      `ARG VERSION=${version}\n`,
    );
  });

  test('describes every value it has and no other, so that a typo is refused', () => {
    const known = described(schema).filter((path) => path !== 'global');
    expect([...paths(values, schema)].sort()).toEqual([...known].sort());
    const open = groups(schema).filter(([, group]) => group.additionalProperties !== false);
    expect(open.map(([at]) => at)).toEqual([]);
  });

  test('uses every value it has', () => {
    const texts = readdirSync(join(CHART, 'templates')).map((file) => read(`templates/${file}`));
    const used = texts.join('\n').replaceAll('$policy.', '.Values.networkPolicy.');
    const unused = paths(values, schema).filter((path) => !used.includes(`.Values.${path}`));
    expect(unused).toEqual([]);
  });

  test('has every value that the page about installing it names', () => {
    const page = readFileSync(join(ROOT, 'docs/install.md'), 'utf8');
    const top = Object.keys(values as object).join('|');
    const named = [...page.matchAll(new RegExp(`[\\s\`]((?:${top})\\.[A-Za-z.]+)`, 'g'))];
    const known = new Set(paths(values, schema));
    expect(named.length).toBeGreaterThan(15);
    expect(named.map(([, path = '']) => path).filter((path) => !known.has(path))).toEqual([]);
  });

  test('never writes a secret: the token is somebody else’s to make', () => {
    for (const file of readdirSync(join(CHART, 'templates')))
      expect(read(`templates/${file}`)).not.toMatch(/^kind: Secret$/m);
  });
});

describe('the plain manifests', () => {
  test.each(PLAIN_MANIFESTS)('$file was rendered from the chart as it is', ({ file }) => {
    expect(/^# chart-sha256: (\S+)$/m.exec(textOf(file))?.[1]).toBe(chartHash());
  });

  test('are these files and no other', () => {
    const files = readdirSync(join(ROOT, 'deploy/manifests')).filter((file) => file.endsWith('.yaml'));
    expect(files.sort()).toEqual(PLAIN_MANIFESTS.map(({ file }) => file).sort());
  });
});
