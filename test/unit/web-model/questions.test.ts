import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { edgeQuestion, withoutKind, workloadText } from '../../../web/model/asked-ends.ts';
import { yamlText } from '../../../web/model/yaml-text.ts';
import { edge, outsider, workload } from './graphs.ts';

const [web, db] = [workload('shop/web'), workload('data/db')];

describe('an edge as a question', () => {
  test('names workloads with their kind, and the port', () => {
    expect(edgeQuestion(edge(1, [web, db], { port: 5432 }), { from: web, to: db }, [])).toEqual({
      ok: true,
      body: { from: 'shop/web[Deployment]', to: 'data/db[Deployment]', port: 5432, protocol: 'TCP' },
      address: undefined,
    });
  });

  test('asks about an entity or a CIDR by itself, and about a name by the address seen last', () => {
    const asked = (to: ReturnType<typeof outsider>) =>
      edgeQuestion(edge(1, [web, to]), { from: web, to }, [
        { ip: '203.0.113.1', firstSeenAt: 1, lastSeenAt: 2 },
        { ip: '203.0.113.9', firstSeenAt: 1, lastSeenAt: 5 },
        { ip: '203.0.113.5', firstSeenAt: 1, lastSeenAt: 4 },
      ]);
    expect(asked(outsider('entity', 'world'))).toMatchObject({ ok: true, body: { to: 'world' } });
    expect(asked(outsider('cidr', '198.51.100.7/32'))).toMatchObject({
      ok: true,
      body: { to: '198.51.100.7/32' },
      address: undefined,
    });
    expect(asked(outsider('fqdn', 'api.example.com'))).toMatchObject({
      ok: true,
      body: { to: '203.0.113.9' },
      address: '203.0.113.9',
    });
  });

  test.each([
    ['no-workload', outsider('entity', 'world'), outsider('entity', 'host'), {}],
    ['no-port', web, db, { protocol: 'ICMPv4', port: 'none' as const }],
    ['no-port', web, db, { port: 'many' as const }],
    ['no-address', web, outsider('fqdn', 'api.example.com'), {}],
    ['no-name', web, workload('shop/db', { label: 'db[x]' }), {}],
  ] as const)('is none, and says %s', (why, from, to, more) => {
    expect(edgeQuestion(edge(1, [from, to], more), { from, to }, [])).toEqual({ ok: false, why });
  });

  test('a short name leaves out the kind alone', () => {
    expect(withoutKind(workloadText(web) ?? '')).toBe('shop/web');
    expect(withoutKind('203.0.113.9')).toBe('203.0.113.9');
  });
});

describe('a patch as YAML', () => {
  test('is in block style, as people write policies', () => {
    const rule = {
      from: [{ podSelector: { matchLabels: { 'app.kubernetes.io/name': 'web', version: '1.10' } } }],
      ports: [{ protocol: 'TCP', port: 5432 }],
    };
    expect(yamlText([rule])).toBe(
      [
        '- from:',
        '    - podSelector:',
        '        matchLabels:',
        '          app.kubernetes.io/name: web',
        '          version: "1.10"',
        '  ports:',
        '    - protocol: TCP',
        '      port: 5432',
        '',
      ].join('\n'),
    );
  });

  test('reads back as what was written, whatever it holds', () => {
    const leaf = fc.oneof(fc.string(), fc.string({ unit: 'grapheme' }), fc.integer(), fc.boolean());
    const { value } = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        leaf,
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(fc.string({ maxLength: 12 }), tie('value'), { maxKeys: 4, noNullPrototype: true }),
      ),
    }));
    fc.assert(
      fc.property(value, (written) => {
        expect(parse(yamlText(written))).toEqual(written);
      }),
    );
  });

  test('shows no character that is invisible or turns the text around', () => {
    expect(yamlText({ name: 'a\u202eb\u200b' })).toBe('name: "a\\u202eb\\u200b"\n');
  });
});
