import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { matchesQuery, parseQuery, SHOWN, textMatches } from '../../../web/model/query.ts';
import { decodeView, encodeView } from '../../../web/model/url-state.ts';
import {
  INITIAL_VIEW,
  PAGES,
  PANEL_TABS,
  type Selection,
  type View,
  withSelection,
  withStepBack,
  withToggled,
} from '../../../web/model/view.ts';
import { edge, workload } from './graphs.ts';

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
  expanded: fc.uniqueArray(fc.string({ minLength: 1 })).map((ids) => new Set(ids)),
  query: fc.string(),
  shown: fc.constantFrom(...SHOWN),
  selection: anySelection,
  tab: fc.constantFrom(...PANEL_TABS),
  isListOpen: fc.boolean(),
  policy: fc.option(fc.string({ minLength: 1 }), { nil: undefined }),
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
  const ended = {
    from: workload('shop/frontend'),
    to: workload('data/orders-db'),
    edge: edge(1, [workload('shop/frontend'), workload('data/orders-db')], { port: 5432 }),
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
    ['proto:udp', false],
    ['-orders', false],
    ['frontend -orders', false],
    ['frontend port:5432', true],
    ['shop/front', true],
    ['http://x', false],
    ['-', true],
  ])('%j matches the edge: %j', (text, expected) => {
    expect(matchesQuery(parseQuery(text), ended)).toBe(expected);
  });

  test('over plain text, every word must be there and no negated one', () => {
    expect(textMatches(parseQuery('cart -db'), 'shop/Cart => data/cache')).toBe(true);
    expect(textMatches(parseQuery('cart -cache'), 'shop/Cart => data/cache')).toBe(false);
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
