import type { FindingView } from '#contract/learning.ts';
import { fromSnapshot, type LiveGraph, withDelta, withFindings } from '../model/live-graph.ts';
import { decodePlacement, EMPTY_PLACEMENT, encodePlacement, type Placement } from '../model/placement.ts';
import type { Answer, Api, LiveLine, LiveListener } from '../model/ports.ts';
import { type Scene, sceneOf } from '../model/scene.ts';
import { decodeView, encodeView } from '../model/url-state.ts';
import { INITIAL_VIEW, type View } from '../model/view.ts';
import { type Access, createDoor, type Memory } from './access.ts';

/** The line to the server; `sinceMs` is the wall clock's. */
export type Link =
  | { readonly state: 'connecting' }
  | { readonly state: 'live' }
  | { readonly state: 'lost'; readonly sinceMs: number; readonly detail: string };

export interface AppState {
  readonly access: Access;
  readonly link: Link;
  /** As last heard; undefined before the first snapshot. */
  readonly latest: LiveGraph | undefined;
  /** As shown: the latest one, or the one that was shown when a person paused. */
  readonly graph: LiveGraph | undefined;
  readonly isPaused: boolean;
  readonly scene: Scene | undefined;
  readonly view: View;
  /** Grows with each new baseline or proposal: whatever was fetched about them is stale. */
  readonly learningRevision: number;
}

export interface Store {
  readonly api: Api;
  state(): AppState;
  subscribe(listener: () => void): () => void;
  look(change: (view: View) => View): void;
  togglePause(): void;
  /** Forgets where everything stands and lays it out afresh. */
  tidy(): void;
  noteFinding(finding: FindingView): void;
  logIn(token: string): Answer<undefined>;
  /** Ends the session, and forgets what this page knew of the network. */
  logOut(): Answer<undefined>;
}

export interface StoreParts {
  openApi(onLoginRequired: () => void): Api;
  readonly memory: Memory;
  openLine(listener: LiveListener): LiveLine;
  /** Wall clock, epoch milliseconds. */
  now(): number;
}

const placementKey = (graph: LiveGraph): string => `bulkhead:placement:${graph.mode}:${graph.title}`;

/** The one place in which the page's state changes. */
export function createStore(parts: StoreParts): Store {
  const listeners = new Set<() => void>();
  let placement: Placement = EMPTY_PLACEMENT;
  let state: AppState = {
    link: { state: 'connecting' },
    latest: undefined,
    graph: undefined,
    isPaused: false,
    scene: undefined,
    view: decodeView(window.location.search),
    learningRevision: 0,
  };

  const set = (change: Partial<AppState>): void => {
    const next = { ...state, ...change };
    const isSameScene = next.graph === state.graph && next.view === state.view;
    state = isSameScene ? next : { ...next, scene: drawn(next) };
    for (const listener of listeners) listener();
  };
  const drawn = ({ graph, view }: AppState): Scene | undefined => {
    if (graph === undefined) return undefined;
    const scene = sceneOf(graph, view, placement);
    if (scene.placement !== placement) {
      placement = scene.placement;
      parts.memory.write(placementKey(graph), encodePlacement(placement));
    }
    return scene;
  };
  const hear = (latest: LiveGraph): void => {
    set(state.isPaused ? { latest } : { latest, graph: latest });
  };
  const listener = listenerFor({
    state: () => state,
    set,
    hear,
    now: parts.now,
    recall: (graph) => {
      const kept = parts.memory.read(placementKey(graph));
      if (placement === EMPTY_PLACEMENT && kept !== undefined) placement = decodePlacement(kept);
    },
    resync: () => line.resync(),
  });
  const line = parts.openLine(listener);
  window.addEventListener('popstate', () => set({ view: decodeView(window.location.search) }));

  return {
    api: parts.api,
    state: () => state,
    subscribe(added) {
      listeners.add(added);
      return () => listeners.delete(added);
    },
    look(change) {
      const view = change(state.view);
      if (view === state.view) return;
      keepInAddress(state.view, view);
      set({ view });
    },
    togglePause: () => set(state.isPaused ? { isPaused: false, graph: state.latest } : { isPaused: true }),
    tidy() {
      placement = EMPTY_PLACEMENT;
      set({ view: { ...state.view } });
    },
    noteFinding(finding) {
      if (state.latest === undefined) return;
      hear({ ...state.latest, findingsById: withFindings(state.latest.findingsById, [finding]) });
    },
  };
}

interface Hearing {
  state(): AppState;
  set(change: Partial<AppState>): void;
  hear(graph: LiveGraph): void;
  now(): number;
  recall(graph: LiveGraph): void;
  resync(): void;
}

function listenerFor(hearing: Hearing): LiveListener {
  return {
    snapshot(snapshot) {
      const graph = fromSnapshot(snapshot);
      hearing.recall(graph);
      hearing.set({ link: { state: 'live' } });
      hearing.hear(graph);
    },
    delta(delta) {
      const { latest } = hearing.state();
      if (latest === undefined) return;
      const next = withDelta(latest, delta);
      if (!next.ok) {
        hearing.resync();
        return;
      }
      hearing.hear(next.value);
    },
    learning() {
      hearing.set({ learningRevision: hearing.state().learningRevision + 1 });
      hearing.resync();
    },
    connected: () => hearing.set({ link: { state: 'live' } }),
    disconnected(detail) {
      const { link } = hearing.state();
      const sinceMs = link.state === 'lost' ? link.sinceMs : hearing.now();
      hearing.set({ link: { state: 'lost', sinceMs, detail } });
    },
  };
}

/** Another page is a step in the browser's history; whatever else changes only rewrites the address. */
function keepInAddress(before: View, after: View): void {
  const query = encodeView(after);
  const address = `${window.location.pathname}${query === '' ? '' : `?${query}`}`;
  if (before.page === after.page) window.history.replaceState(null, '', address);
  else window.history.pushState(null, '', address);
}
