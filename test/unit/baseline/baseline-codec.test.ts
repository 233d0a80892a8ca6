import { describe, expect, test } from 'vitest';
import { decodeBaseline, encodeBaseline } from '#core/baseline/baseline-codec.ts';
import { canonicalJson, toJson } from '#core/baseline/canonical-json.ts';
import { scopeKey } from '#core/baseline/scope-key.ts';
import { edge, fqdn, learn } from './some-edge.ts';

const baseline = learn([edge('shop/a', 'shop/b', 80), edge('shop/a', fqdn('api.example.com'), 443)], 3);

/** The encoded baseline with one field changed. */
function spoilt(path: readonly (string | number)[], value: unknown): unknown {
  const copy = JSON.parse(JSON.stringify(encodeBaseline(baseline)));
  const parent = path.slice(0, -1).reduce((node, key) => node[key], copy);
  parent[path.at(-1) ?? ''] = value;
  return copy;
}

describe('a baseline as plain data', () => {
  test('reads back as what was written, through JSON text', () => {
    const text = JSON.stringify(encodeBaseline(baseline));
    expect(decodeBaseline(JSON.parse(text))).toStrictEqual({ ok: true, value: baseline });
  });

  test.each([
    { path: ['version'], value: -1, at: 'version' },
    { path: ['id'], value: '../../etc/passwd', at: 'id' },
    { path: ['format'], value: 'bulkhead-baseline/2', at: 'format' },
    { path: ['edges', 1, 'decision'], value: 'maybe', at: 'edges.1.decision' },
    { path: ['edges', 0, 'edge', 'port'], value: 70_000, at: 'edges.0.edge.port' },
    { path: ['edges', 0, 'edge', 'from', 'kind'], value: '__proto__', at: 'edges.0.edge.from.kind' },
    { path: ['edges', 0, 'edge', 'from', 'name'], value: 'a b', at: 'edges.0.edge.from.name' },
    { path: ['edges', 1, 'edge', 'from', 'id'], value: 'c/NS/Deployment/x', at: 'edges.1.edge.from.id' },
    { path: ['edges', 0, 'edge', 'minutes', 0], value: [1, 2], at: 'edges.0.edge.minutes.0' },
    { path: ['coverage', 'lostEvents'], value: '-3', at: 'coverage.lostEvents' },
    { path: ['window'], value: null, at: 'window' },
    { path: ['edges'], value: {}, at: 'edges' },
  ])('names the field that is wrong: $at', ({ path, value, at }) => {
    const given = path.includes('name')
      ? spoilt(['edges', 0, 'edge', 'from'], { kind: 'fqdn', name: value })
      : spoilt(path, value);
    expect(decodeBaseline(given)).toMatchObject({ ok: false, error: { code: 'malformed', at } });
  });

  test.each([undefined, null, 7, 'text', [], { edges: [] }])('refuses %j', (value) => {
    expect(decodeBaseline(value)).toMatchObject({ ok: false, error: { code: 'malformed' } });
  });

  test('the same edge twice is refused', () => {
    const { edges } = JSON.parse(JSON.stringify(encodeBaseline(baseline)));
    expect(decodeBaseline(spoilt(['edges'], [edges[0], edges[0]]))).toMatchObject({
      ok: false,
      error: { at: 'edges', expected: 'each edge once' },
    });
  });
});

describe('canonical JSON', () => {
  test('does not depend on the order in which fields were written', () => {
    expect(canonicalJson({ b: [1, { d: null, c: 'x' }], a: true })).toBe(
      '{"a":true,"b":[1,{"c":"x","d":null}]}',
    );
  });

  test('keeps a key named __proto__ as a key', () => {
    const value = toJson(new Map([['__proto__', 1]]));
    expect(canonicalJson(value)).toBe('{"__proto__":1}');
  });

  test('a scope has one name, however its members are listed', () => {
    const members = ['b', 'a'] as never[];
    const scope = { cluster: 'c', namespaces: members, workloads: [] };
    expect(scopeKey(scope)).toBe(scopeKey({ ...scope, namespaces: [...members].reverse() }));
  });
});
