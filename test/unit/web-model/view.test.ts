import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FindingView } from '#contract/learning.ts';
import { askedBy } from '../../../web/model/query.ts';
import { UNDER } from '../../../web/model/reach.ts';
import { SHOWN } from '../../../web/model/shown.ts';
import { decodeView, encodeView } from '../../../web/model/url-state.ts';
import {
  FORMS,
  INITIAL_VIEW,
  PAGES,
  PANEL_TABS,
  type Selection,
  type View,
  withSelection,
  withStepBack,
  withToggled,
} from '../../../web/model/view.ts';
import { vocabularyOf } from '../../../web/model/vocabulary.ts';
import { edge, live, workload } from './graphs.ts';

const anySelection: fc.Arbitrary<Selection | undefined> = fc.option(
  fc.oneof(
    fc.record({ kind: fc.constant('vertex' as const), id: fc.string() }),
    fc.record({ kind: fc.constant('group' as const), id: fc.string() }),
    fc.record({ kind: fc.constant('edge' as const), id: fc.nat() }),
    fc.record({ kind: fc.constant('line' as const), from: fc.string(), to: fc.string() }),
  ),
  { nil: undefined },
);

const anyView: fc.Arbitrary<View> = fc.record({
  page: fc.constantFrom(...PAGES),
  form: fc.constantFrom(...FORMS),
  expanded: fc.uniqueArray(fc.string({ minLength: 1 })).map((ids) => new Set(ids)),
  query: fc.string(),
  shown: fc.constantFrom(...SHOWN),
  selection: anySelection,
  tab: fc.constantFrom(...PANEL_TABS),
  isListOpen: fc.boolean(),
  policy: fc.option(fc.string({ minLength: 1 }), { nil: undefined }),
  reach: fc.option(fc.record({ of: fc.string(), under: fc.constantFrom(...UNDER) }), { nil: undefined }),
  jewel: fc.string(),
});

describe('the address', () => {
  test('holds the whole view: written and read again, it is the same', () => {
    fc.assert(
      fc.property(anyView, (view) => {
        expect(decodeView(`?${encodeView(view)}`)).toEqual(view);
      }),
    );
  });

  test('takes names that are no valid Unicode', () => {
    const view: View = { ...INITIAL_VIEW, expanded: new Set(['ns:c/\ud800x']) };
    expect([...decodeView(encodeView(view)).expanded]).toEqual(['ns:c/\ufffdx']);
  });

  test('is empty for the view the page opens on', () => {
    expect(encodeView(INITIAL_VIEW)).toBe('');
  });

  test('that somebody edited by hand is read as far as it makes sense', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(PAGES).toContain(decodeView(text).page);
      }),
    );
    expect(decodeView('?page=nowhere&sel=[1&show=denied')).toEqual({ ...INITIAL_VIEW, shown: 'denied' });
  });
});

describe('the query', () => {
  const [frontend, db] = [
    workload('shop/frontend', { labels: ['app=frontend'] }),
    workload('data/orders-db'),
  ];
  const ended = {
    from: frontend,
    to: db,
    edge: edge(1, [frontend, db], { port: 5432, denied: 1, conversations: 3, policies: ['data/orders-db'] }),
  };

  test.each([
    ['', true],
    ['frontend', true],
    ['FRONT', true],
    ['from:frontend', true],
    ['to:frontend', false],
    ['ns:data', true],
    ['ns:dat', false],
    ['port:5432', true],
    ['port:543', false],
    ['proto:tcp', true],
    ['-orders', false],
    ['frontend port:5432', true],
    ['label:app=frontend', true],
    ['verdict:denied', true],
    ['-verdict:allowed', false],
    ['policy:orders-db', true],
  ])('%j matches the edge: %j', (text, expected) => {
    expect(askedBy(text).matchesEdge(ended)).toBe(expected);
  });

  test('asks for everything while it can not be read, and says why', () => {
    const asked = askedBy('fro:frontend');
    expect(asked.fault?.message).toContain('There is no field of this name');
    expect([asked.isActive, asked.matchesEdge(ended)]).toEqual([false, true]);
  });

  test('means vertices by name, namespace and label, and never by what only edges have', () => {
    const means = (text: string) => askedBy(text).matchesNode(frontend);
    expect(['front', 'ns:shop', 'label:app', 'workload:shop/frontend'].map(means)).toEqual([
      true,
      true,
      true,
      true,
    ]);
    expect(['', 'ns:data', 'port:5432', 'front port:5432', '-port:53'].map(means)).toEqual([
      false,
      false,
      false,
      false,
      false,
    ]);
  });

  test('finds findings by their words, or by the edge they are about', () => {
    const about = { title: 'New port', line: 'shop/cart => data/cache : TCP 1' } as FindingView;
    const found = (text: string) => askedBy(text).matchesFinding(about, ended);
    expect(['cart', 'new port', 'from:frontend'].map(found)).toEqual([true, true, true]);
    expect(['cart -cache', 'from:cart'].map(found)).toEqual([false, false]);
  });

  test('is completed from what the graph shows', () => {
    const graph = live([frontend, db], [ended.edge]);
    expect(vocabularyOf(graph)).toMatchObject({
      ns: ['shop', 'data'],
      workload: ['shop/frontend', 'data/orders-db'],
      label: ['app=frontend'],
      port: ['5432'],
      policy: ['data/orders-db'],
    });
  });
});

describe('steps', () => {
  test('escape goes back one level at a time: selection, filters, then namespaces', () => {
    const start: View = {
      ...withToggled(INITIAL_VIEW, 'ns:c/shop'),
      query: 'x',
      selection: { kind: 'edge', id: 1 },
    };
    const first = withStepBack(start);
    const second = withStepBack(first);
    const third = withStepBack(second);
    expect([first.selection, first.query]).toEqual([undefined, 'x']);
    expect([second.query, second.expanded.size]).toEqual(['', 1]);
    expect(third).toEqual(INITIAL_VIEW);
    expect(withStepBack(third)).toBe(third);
  });

  test('selecting something else starts on its overview', () => {
    const view: View = { ...INITIAL_VIEW, selection: { kind: 'edge', id: 1 }, tab: 'flows' };
    expect(withSelection(view, { kind: 'edge', id: 2 }).tab).toBe('overview');
    expect(withSelection(view, { kind: 'edge', id: 1 }).tab).toBe('flows');
  });
});
