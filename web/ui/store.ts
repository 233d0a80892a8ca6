import type { FindingView } from '#contract/learning.ts';
import { fromSnapshot, type LiveGraph, withDelta, withFindings } from '../model/live-graph.ts';
import { decodePlacement, EMPTY_PLACEMENT, encodePlacement, type Placement } from '../model/placement.ts';
import type { Answer, Api, LiveLine, LiveListener } from '../model/ports.ts';
import { isSameReached, type Reached } from '../model/reach.ts';
import { type Scene, sceneOf } from '../model/scene.ts';
import { decodeView, encodeView } from '../model/url-state.ts';
import { INITIAL_VIEW, type Sight, type View } from '../model/view.ts';
import { type Access, createDoor, type Memory } from './access.ts';
import { createReachDesk, type ReachDesk } from './reach-desk.ts';

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
  /** What the view wants lit, as the server last answered it. */
  readonly reached: Reached | undefined;
  /** Grows with each new baseline or proposal: whatever was fetched about them is stale. */
  readonly learningRevision: number;
}

export interface Store {
  readonly api: Api;
  readonly reach: ReachDesk;
  state(): AppState;
  subscribe(listener: () => void): () => void;
  look(change: (view: View) => View): void;
  /** Lights a reach on the map for as long as the view wants it. */
  showReached(reached: Reached | undefined): void;
  togglePause(): void;
  /** Forgets where everything stands and lays it out afresh. */
  tidy(): void;
  noteFinding(finding: FindingView): void;
  /** Asks the server whether this page is still let in; a session may end while nothing moves. */
  checkAccess(): Promise<void>;
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

const NOTHING_HEARD = {
  link: { state: 'connecting' },
  latest: undefined,
  graph: undefined,
  isPaused: false,
  scene: undefined,
  reached: undefined,
} as const satisfies Partial<AppState>;

/** The view, with the reach that was fetched for it. */
export const sightOf = ({ view, reached }: Pick<AppState, 'view' | 'reached'>): Sight =>
  view.reach === undefined || view.reach.of !== reached?.of ? view : { ...view, reached };

const placementKey = (graph: LiveGraph): string => `bulkhead:placement:${graph.mode}:${graph.title}`;

/** The state, what is drawn of it, and where things stand. */
interface Holder {
  state(): AppState;
  set(change: Partial<AppState>): void;
  subscribe(listener: () => void): () => void;
  hear(latest: LiveGraph): void;
  /** Takes up where things stood at the last visit. */
  recall(graph: LiveGraph): void;
  /** Lays out afresh with the next picture. */
  forgetPlaces(): void;
  /** Forgets everything heard of the network. */
  clear(): void;
}

function createHolder(memory: Memory): Holder {
  const listeners = new Set<() => void>();
  let placement: Placement = EMPTY_PLACEMENT;
  let state: AppState = {
    access: { state: 'asking' },
    ...NOTHING_HEARD,
    view: decodeView(window.location.search),
    learningRevision: 0,
  };
  const set = (change: Partial<AppState>): void => {
    const next = { ...state, ...change };
    const isSameScene =
      next.graph === state.graph && next.view === state.view && next.reached === state.reached;
    state = isSameScene ? next : { ...next, scene: drawn(next) };
    for (const listener of listeners) listener();
  };
  const drawn = ({ graph, view, reached }: AppState): Scene | undefined => {
    if (graph === undefined) return undefined;
    const scene = sceneOf(graph, sightOf({ view, reached }), placement);
    if (scene.placement !== placement) {
      placement = scene.placement;
      memory.write(placementKey(graph), encodePlacement(placement));
    }
    return scene;
  };
  return {
    state: () => state,
    set,
    subscribe(added) {
      listeners.add(added);
      return () => listeners.delete(added);
    },
    hear: (latest) => set(state.isPaused ? { latest } : { latest, graph: latest }),
    recall(graph) {
      const kept = memory.read(placementKey(graph));
      if (placement === EMPTY_PLACEMENT && kept !== undefined) placement = decodePlacement(kept);
    },
    forgetPlaces() {
      placement = EMPTY_PLACEMENT;
    },
    clear() {
      placement = EMPTY_PLACEMENT;
      set(NOTHING_HEARD);
    },
  };
}

/** The one place in which the page's state changes. */
export function createStore(parts: StoreParts): Store {
  const { memory } = parts;
  const holder = createHolder(memory);
  const { state, set } = holder;
  let line: LiveLine | undefined;
  const listener = listenerFor({
    holder,
    now: parts.now,
    resync: () => line?.resync(),
    doubt: () => void door.knock(),
  });
  const api = parts.openApi(() => door.refused());
  const door = createDoor({
    api,
    memory,
    access: () => state().access,
    setAccess(access) {
      set({ access });
      if (access.state === 'open') line ??= parts.openLine(listener);
      else {
        line?.close();
        line = undefined;
        holder.clear();
      }
    },
  });
  const look = (change: (view: View) => View): void => {
    const { view: before } = state();
    const view = change(before);
    if (view === before) return;
    keepInAddress(before, view);
    set({ view });
  };
  window.addEventListener('popstate', () => set({ view: decodeView(window.location.search) }));
  void door.knock();

  return {
    api,
    reach: createReachDesk(api),
    state,
    subscribe: holder.subscribe,
    look,
    showReached(reached) {
      if (!isSameReached(state().reached, reached)) set({ reached });
    },
    togglePause: () =>
      set(state().isPaused ? { isPaused: false, graph: state().latest } : { isPaused: true }),
    tidy() {
      holder.forgetPlaces();
      set({ view: { ...state().view } });
    },
    noteFinding(finding) {
      const { latest } = state();
      if (latest === undefined) return;
      holder.hear({ ...latest, findingsById: withFindings(latest.findingsById, [finding]) });
    },
    checkAccess: door.knock,
    logIn: door.logIn,
    async logOut() {
      const { latest } = state();
      const answer = await door.logOut();
      if (!answer.ok) return answer;
      if (latest !== undefined) memory.write(placementKey(latest), '');
      look(() => INITIAL_VIEW);
      return answer;
    },
  };
}

interface Hearing {
  readonly holder: Holder;
  now(): number;
  resync(): void;
  /** The line went down or came back: perhaps the server lets this page in on other terms. */
  doubt(): void;
}

function listenerFor({ holder, now, resync, doubt }: Hearing): LiveListener {
  return {
    snapshot(snapshot) {
      const graph = fromSnapshot(snapshot);
      holder.recall(graph);
      holder.set({ link: { state: 'live' } });
      holder.hear(graph);
    },
    delta(delta) {
      const { latest } = holder.state();
      if (latest === undefined) return;
      const next = withDelta(latest, delta);
      if (!next.ok) {
        resync();
        return;
      }
      holder.hear(next.value);
    },
    learning() {
      holder.set({ learningRevision: holder.state().learningRevision + 1 });
      resync();
    },
    connected() {
      const isBack = holder.state().link.state === 'lost';
      holder.set({ link: { state: 'live' } });
      if (isBack) doubt();
    },
    disconnected(detail) {
      const { link } = holder.state();
      const sinceMs = link.state === 'lost' ? link.sinceMs : now();
      holder.set({ link: { state: 'lost', sinceMs, detail } });
      doubt();
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
