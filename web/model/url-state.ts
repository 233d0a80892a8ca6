import { type Reach, UNDER } from './reach.ts';
import { SHOWN } from './shown.ts';
import { FORMS, INITIAL_VIEW, PAGES, PANEL_TABS, type Selection, type View } from './view.ts';

/** The view as the query part of an address, without `?`; empty for the view the page opens on. */
export function encodeView(view: View): string {
  const parts: (readonly [string, string])[] = [];
  if (view.page !== 'map') parts.push(['page', view.page]);
  if (view.form !== 'map') parts.push(['as', view.form]);
  if (view.query !== '') parts.push(['q', view.query]);
  if (view.shown !== 'all') parts.push(['show', view.shown]);
  for (const group of view.expanded) parts.push(['open', group]);
  const selection = encodeSelection(view.selection);
  if (selection !== undefined) parts.push(['sel', selection]);
  if (view.tab !== 'overview') parts.push(['tab', view.tab]);
  if (view.isListOpen) parts.push(['list', '1']);
  if (view.policy !== undefined) parts.push(['policy', view.policy]);
  if (view.reach !== undefined) parts.push(['reach', JSON.stringify([view.reach.under, view.reach.of])]);
  if (view.jewel !== '') parts.push(['jewel', view.jewel]);
  return parts.map(([key, value]) => `${key}=${encodedText(value)}`).join('&');
}

/** The view an address asks for; whatever it holds that makes no sense is left out. */
export function decodeView(search: string): View {
  const params = new URLSearchParams(search);
  return {
    page: oneOf(PAGES, params.get('page')) ?? INITIAL_VIEW.page,
    form: oneOf(FORMS, params.get('as')) ?? INITIAL_VIEW.form,
    expanded: new Set(params.getAll('open')),
    query: params.get('q') ?? '',
    shown: oneOf(SHOWN, params.get('show')) ?? 'all',
    selection: decodeSelection(params.get('sel')),
    tab: oneOf(PANEL_TABS, params.get('tab')) ?? 'overview',
    isListOpen: params.get('list') === '1',
    policy: params.get('policy') ?? undefined,
    reach: decodeReach(params.get('reach')),
    jewel: params.get('jewel') ?? '',
  };
}

/** Text for an address; halves of a pair that stand alone, which no address can hold, become U+FFFD. */
export const encodedText = (text: string): string =>
  encodeURIComponent(text.replace(/[\ud800-\udfff]/gu, '\ufffd'));

const oneOf = <T extends string>(allowed: readonly T[], text: string | null): T | undefined =>
  allowed.find((value) => value === text);

function encodeSelection(selection: Selection | undefined): string | undefined {
  if (selection === undefined) return undefined;
  if (selection.kind === 'line') return JSON.stringify(['line', selection.from, selection.to]);
  return JSON.stringify([selection.kind, selection.id]);
}

function decodeSelection(text: string | null): Selection | undefined {
  const [kind, first, second] = parsedList(text);
  if (kind === 'edge' && Number.isInteger(first)) return { kind, id: Number(first) };
  if (typeof first !== 'string') return undefined;
  if (kind === 'vertex' || kind === 'group') return { kind, id: first };
  return kind === 'line' && typeof second === 'string' ? { kind, from: first, to: second } : undefined;
}

function decodeReach(text: string | null): Reach | undefined {
  const [first, of] = parsedList(text);
  const under = oneOf(UNDER, typeof first === 'string' ? first : null);
  return under === undefined || typeof of !== 'string' ? undefined : { under, of };
}

function parsedList(text: string | null): readonly unknown[] {
  if (text === null) return [];
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : [];
  } catch {
    return []; // an address somebody edited by hand
  }
}
