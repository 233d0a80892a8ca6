import { afterEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { EdgeDetail, GraphSnapshot, NodeDetail } from '#contract/graph.ts';
import { FindingView } from '#contract/learning.ts';
import { SourceHealth } from '#contract/source.ts';
import { FakeWorkspace, findingOn, sourceStatus } from '../../support/fake-workspace.ts';
import { flow, pod, START, SYN } from '../../support/flows.ts';
import { serve, talk } from './running.ts';

let close: (() => Promise<void>) | undefined;
afterEach(async () => close?.());

/** Text an attacker may write into a path, a name or a file: for markup, tables, shells, terminals and parsers. */
const HOSTILE = [
  '<img src=x onerror=alert(1)>',
  '"><svg/onload=alert(1)>',
  '</script><script>alert(1)</script>',
  'javascript:alert(1)',
  '=HYPERLINK("http://x")',
  '{{ .Values }}',
  'a\n- {}',
  'a\u0085    - {}',
  'a\u2028- {}',
  '__proto__',
  'constructor',
  '../../etc/x',
  '..\\x',
  'a\0b',
  '<!channel>',
  '[x](javascript:1)',
  '\u001b[2J',
  '\u001b]8;;http://evil\u0007',
  '\u009b31m',
  '\u202eevil',
  'аdmin',
  'e\u0301',
  '%s%n%00',
  'lone \ud800 surrogate',
  'x'.repeat(65_536),
];

const CLIENT = pod('shop/web-7d9c5b6f4-x2x4z', '10.0.0.1', 40_000);
const SERVER = pod('shop/cart-5b6f47d9c-b2b4c', '10.0.0.2', 8080);

describe.each(HOSTILE.map((text) => [JSON.stringify(text).slice(0, 40), text] as const))(
  '%s',
  (_name, text) => {
    test('comes back as the same text in plain JSON, wherever it was written', async () => {
      const http = { method: text, path: `/${text.replaceAll(/[?#]/g, '')}`, code: 200 };
      const workspace = new FakeWorkspace([
        flow(CLIENT, SERVER, {
          at: START - 1,
          tcpFlags: SYN,
          isNew: true,
          node: text,
          uuid: text,
          dropReason: text,
          l7: { kind: 'request', http },
          service: { namespace: 'shop', name: text },
        }),
        ...talk({ ...CLIENT, cluster: text }, { ...SERVER, cluster: text, ip: '10.1.0.2' }),
      ]);
      workspace.title = text;
      workspace.sourceList = [sourceStatus({ name: text, state: 'failed', problem: text })];
      const [first] = workspace.graph().edges.values();
      if (first !== undefined)
        workspace.find(findingOn(first, { title: text, explanation: text, nearestKnown: text }));
      const { app, get } = await serve({ workspace });
      close = () => app.close();

      const read = async <T>(url: string, schema: z.ZodType<T>): Promise<T> => {
        const answer = await get(url);
        expect(answer.headers).toMatchObject({
          'content-type': 'application/json; charset=utf-8',
          'x-content-type-options': 'nosniff',
        });
        return schema.parse(answer.json());
      };
      const graph = await read('/api/v1/graph', GraphSnapshot);
      expect(graph.title).toBe(text);
      const details = await Promise.all(graph.edges.map(({ id }) => read(`/api/v1/edges/${id}`, EdgeDetail)));
      const sample = details.find((detail) => detail.sample.uuid === text)?.sample;
      expect(sample).toMatchObject({ node: text, dropReason: text, l7: `${http.method} ${http.path} → 200` });
      for (const { id } of graph.nodes.filter(({ id }) => id.length < 500 && id.isWellFormed())) {
        expect(await read(`/api/v1/nodes/${encodeURIComponent(id)}`, NodeDetail)).toMatchObject({ id });
      }
      const [finding] = await read('/api/v1/findings', z.array(FindingView));
      expect(finding).toMatchObject({ title: text, explanation: text, nearestKnown: text });
      const [source] = await read('/api/v1/sources', z.array(SourceHealth));
      expect(source).toMatchObject({ name: text, problem: text });
      for (const [, value] of (await get('/metrics')).body.matchAll(/^bulkhead_\w+\{[^}]*="([^"]*)"/gm)) {
        expect(value).toMatch(/^[\w ./:+-]*$/);
      }
      expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
    });
  },
);
