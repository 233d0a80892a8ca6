import { expect, test } from 'vitest';
import { GraphBuilder } from '#core/graph/graph-builder.ts';
import type { ServiceGraph } from '#core/graph/service-graph.ts';
import { formatGraph, GRAPH_FORMATS } from '../../../server/cli/graph-format.ts';
import { edge, fqdn, workload } from '../../support/baseline-fixture.ts';
import { HOSTILE_STRINGS } from '../../support/hostile-strings.ts';

const [web, db] = [workload('shop/web'), workload('data/db')];

const graphOf = (edges: readonly ReturnType<typeof edge>[]): ServiceGraph => ({
  ...new GraphBuilder().snapshot(),
  edges: new Map(edges.map((each) => [each.key, each])),
});

test('GraphML has each peer once and each edge with its figures', () => {
  const text = formatGraph(
    graphOf([edge(web, db, { port: 5432 }), edge(web, db, { port: 5433, outcomes: { denied: 2 } })]),
    'graphml',
  );
  expect(text.match(/<node id=/g)).toHaveLength(2);
  expect(text.match(/<edge source=/g)).toHaveLength(2);
  expect(text).toContain('<data key="node-label">shop/web[Deployment]</data>');
  expect(text).toContain('<data key="edge-port">5432</data>');
  expect(text).toContain('<data key="edge-denied">2</data>');
});

test('NDJSON is one JSON object an edge', () => {
  const lines = formatGraph(graphOf([edge(web, db), edge(db, web)]), 'ndjson')
    .trimEnd()
    .split('\n');
  expect(lines.map((line) => (JSON.parse(line) as { line: string }).line)).toEqual([
    'data/db[Deployment] => shop/web[Deployment] : TCP 8080',
    'shop/web[Deployment] => data/db[Deployment] : TCP 8080',
  ]);
});

test.each(GRAPH_FORMATS)('a hostile name gets out of its place in no %s', (format) => {
  const edges = HOSTILE_STRINGS.map((name) => edge(web, fqdn(name), { port: 443 }));
  const text = formatGraph(graphOf(edges), format);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
  expect(text.replaceAll('\r\n', '\n')).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202e\u2028]/);
  if (format === 'graphml') {
    expect(text).not.toContain('<img');
    expect(text.match(/<edge source="[^"<>]*" target="[^"<>]*">/g)).toHaveLength(graphOf(edges).edges.size);
  }
});
