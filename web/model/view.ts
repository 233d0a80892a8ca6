import type { GroupId } from './groups.ts';
import type { Reach, Reached } from './reach.ts';
import type { Shown } from './shown.ts';

/** Pages of the left rail. */
export const PAGES = ['map', 'proposals', 'findings', 'sources'] as const;
export type Page = (typeof PAGES)[number];

/** How the map's page shows the traffic. */
export const FORMS = ['map', 'matrix', 'sankey', 'table'] as const;
export type Form = (typeof FORMS)[number];

/** What the right panel is about. */
export type Selection =
  | { readonly kind: 'vertex'; readonly id: string }
  | { readonly kind: 'edge'; readonly id: number }
  /** A drawn line that stands for several edges. */
  | { readonly kind: 'line'; readonly from: string; readonly to: string }
  | { readonly kind: 'group'; readonly id: GroupId };

export const PANEL_TABS = ['overview', 'reach', 'flows', 'policies', 'baseline', 'findings'] as const;
export type PanelTab = (typeof PANEL_TABS)[number];

/** Everything a person chose about what to look at; all of it lives in the address. */
export interface View {
  readonly page: Page;
  readonly form: Form;
  readonly expanded: ReadonlySet<GroupId>;
  readonly query: string;
  readonly shown: Shown;
  readonly selection: Selection | undefined;
  readonly tab: PanelTab;
  /** The list that mirrors the map is open. */
  readonly isListOpen: boolean;
  /** Title of the policy shown on the proposals page. */
  readonly policy: string | undefined;
  /** Whose reach the map shows, and under which policies. */
  readonly reach: Reach | undefined;
  /** The crown jewel that paths are asked for: a workload, or `label=value`; empty for none. */
  readonly jewel: string;
}

/** The view, with what the server answered about it. */
export interface Sight extends View {
  readonly reached?: Reached | undefined;
}

/** The view the page opens on: the map, every namespace closed. */
export const INITIAL_VIEW: View = {
  page: 'map',
  form: 'map',
  expanded: new Set(),
  query: '',
  shown: 'all',
  selection: undefined,
  tab: 'overview',
  isListOpen: false,
  policy: undefined,
  reach: undefined,
  jewel: '',
};

/** The view with the group opened if it was closed, and the reverse; a selection inside a closing group goes. */
export function withToggled(view: View, group: GroupId): View {
  const expanded = new Set(view.expanded);
  if (!expanded.delete(group)) expanded.add(group);
  return { ...view, expanded };
}

/** The view with another thing selected; a new thing starts on its overview. */
export const withSelection = (view: View, selection: Selection | undefined): View => ({
  ...view,
  selection,
  tab: selection !== undefined && isSameSelection(view.selection, selection) ? view.tab : 'overview',
});

/** True when both are about the same thing. */
export function isSameSelection(a: Selection | undefined, b: Selection | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return JSON.stringify(a) === JSON.stringify(b);
}

/** One level back: the selection first, then the reach, then the filters, then the group opened last. */
export function withStepBack(view: View): View {
  if (view.selection !== undefined) return withSelection(view, undefined);
  if (view.isListOpen) return { ...view, isListOpen: false };
  if (view.reach !== undefined) return { ...view, reach: undefined };
  if (view.query !== '' || view.shown !== 'all') return { ...view, query: '', shown: 'all' };
  const last = [...view.expanded].at(-1);
  return last === undefined ? view : withToggled(view, last);
}
