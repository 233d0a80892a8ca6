import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Problem } from '#contract/problem.ts';
import { asking } from '../../support/asking.ts';
import { BLAST_CLUSTER, BLAST_POLICIES } from '../../support/blast-cluster.ts';
import { HOSTILE_STRINGS } from '../../support/hostile-strings.ts';
import { ANSWERS, parsedAnswer } from '../../support/question-schemas.ts';

type Server = Awaited<ReturnType<typeof asking>>;
type Said = Awaited<ReturnType<Server['ask']>>;
let server: Server;

beforeAll(async () => {
  server = await asking({ files: [{ file: 'shop.yaml', text: `${BLAST_CLUSTER}---\n${BLAST_POLICIES}` }] });
});
afterAll(() => server.close());

/** Manifests that carry the text wherever a policy can: names, labels, selectors, annotations, blocks, ports. */
const manifestsWith = (text: string): string => {
  const hostile = JSON.stringify(text);
  const policy = (name: string, label: string) => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name, namespace: 'shop', annotations: { 'bulkhead.dev/lint-ignore': text, [text]: text } },
    spec: {
      podSelector: { matchLabels: { app: 'db', [label]: text } },
      ingress: [
        { from: [{ podSelector: { matchLabels: { app: text } } }], ports: [{ port: text }] },
        { from: [{ ipBlock: { cidr: text } }], ports: [{ port: 5432, protocol: text }] },
      ],
      egress: [{ to: [{ namespaceSelector: { matchExpressions: [{ key: text, operator: text }] } }] }],
    },
  });
  return [
    JSON.stringify(policy('fine', 'tier')),
    JSON.stringify(policy(text, text)),
    `kind: ${hostile}\n${hostile}: ${hostile}`,
  ].join('\n---\n');
};

function bodyOf(name: string, text: string): Readonly<Record<string, unknown>> {
  const sent = { from: 'manifests', text: manifestsWith(text) };
  const more: Readonly<Record<string, object>> = {
    explain: { from: text.slice(0, 512), to: 'shop/db', port: 5432 },
    assert: {
      segments: `bulkhead: segments/v1\nsegments: {${JSON.stringify(text)}: {namespaces: [shop]}}\n`,
    },
    blast: { workload: text.slice(0, 512), crownJewels: [text.slice(0, 512)] },
    exposure: { pod: { namespace: 'shop', labels: [{ key: text, value: text }] } },
    lint: { minSeverity: 'info' },
  };
  return name === 'diff' ? { old: { from: 'current' }, new: sent } : { policies: sent, ...more[name] };
}

function expectPlain(said: Said): void {
  expect(said.headers['x-content-type-options']).toBe('nosniff');
  expect(said.headers['content-type']).toMatch(/^application\/(?:problem\+)?json; charset=utf-8$/);
}

const detailOf = (said: Said): string => Problem.parse(said.json()).detail;

/** Shorter texts are in sentences of ours too. */
const isQuoted = (detail: string, text: string): boolean =>
  text.length > 5 && detail.includes(text.slice(0, 200));

describe.each(Object.keys(ANSWERS))('%s', (name) => {
  test.each(HOSTILE_STRINGS.map((text) => [JSON.stringify(text).slice(0, 40), text] as const))(
    'takes %s for text',
    async (_shown, text) => {
      const said = await server.ask(name, bodyOf(name, text));
      expectPlain(said);
      expect(said.statusCode).not.toBe(500);
      if (said.statusCode === 200) parsedAnswer(name, said.json());
      else expect(detailOf(said)).toSatisfy((detail: string) => !isQuoted(detail, text));
    },
  );
});

test('what a stranger wrote comes back as it was, in JSON', async () => {
  const text = '<img src=x onerror=alert(1)>';
  const said = await server.ask('lint', {
    policies: { from: 'manifests', text: manifestsWith(text) },
    minSeverity: 'info',
  });
  const { answer } = parsedAnswer('lint', said.json());
  expect(JSON.stringify(answer)).toContain(text);
});
