import { useEffect, useRef } from 'react';
import { neighbourOf, type Step } from '../model/navigation.ts';
import { type Page, type View, withSelection, withStepBack, withToggled } from '../model/view.ts';
import type { Store } from './store.ts';
import { useStore } from './use-app.ts';

/** Sent to the map and the panels, which know how to do it. */
export type Command = 'fit' | 'closer' | 'further' | 'accept' | 'reject';

const COMMAND = 'bulkhead:command';

/** Asks whoever can do it. */
export const send = (command: Command): void => {
  window.dispatchEvent(new CustomEvent(COMMAND, { detail: command }));
};

/** Does what was asked, while mounted. */
export function useCommand(handle: (command: Command) => void): void {
  const latest = useRef(handle);
  latest.current = handle;
  useEffect(() => {
    const listen = (event: Event): void => {
      if (event instanceof CustomEvent) latest.current(event.detail as Command); // only send() makes these events
    };
    window.addEventListener(COMMAND, listen);
    return () => window.removeEventListener(COMMAND, listen);
  }, []);
}

const GO: Readonly<Record<string, Page>> = { m: 'map', p: 'proposals', f: 'findings', s: 'sources' };
const STEPS: Readonly<Record<string, Step>> = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
};
const COMMANDS: Readonly<Record<string, Command>> = {
  f: 'fit',
  '+': 'closer',
  '=': 'closer',
  '-': 'further',
  a: 'accept',
  x: 'reject',
};
const SEQUENCE_MS = 1200;

/** The keyboard of the whole page; never while a person is typing. */
export function useKeyboard({ onHelp }: { readonly onHelp: () => void }): void {
  const store = useStore();
  const help = useRef(onHelp);
  help.current = onHelp;
  useEffect(() => {
    const goTo = goSequence(store);
    const press = (event: KeyboardEvent): void => {
      if (isNotOurs(event)) return;
      const isDone = goTo(event) || isHandled(store, event, () => help.current());
      if (isDone) event.preventDefault();
    };
    window.addEventListener('keydown', press);
    return () => window.removeEventListener('keydown', press);
  }, [store]);
}

/** `g`, then a page's letter soon after; true when a page was reached. */
function goSequence(store: Store): (event: KeyboardEvent) => boolean {
  let goUntil = 0;
  return ({ key, timeStamp }) => {
    const page = timeStamp < goUntil ? GO[key] : undefined;
    goUntil = key === 'g' ? timeStamp + SEQUENCE_MS : 0;
    if (page !== undefined) store.look((view) => ({ ...view, page }));
    return page !== undefined;
  };
}

const isNotOurs = (event: KeyboardEvent): boolean =>
  event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event);

const isTyping = ({ target }: KeyboardEvent): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || target.closest('input, textarea, select, [role="dialog"]') !== null);

function isHandled(store: Store, event: KeyboardEvent, onHelp: () => void): boolean {
  const key = event.key;
  if (key === '?') {
    onHelp();
    return true;
  }
  if (key === '/') {
    document.getElementById('query')?.focus();
    return true;
  }
  const changed = changedView(key);
  if (changed !== undefined) {
    store.look(changed);
    return true;
  }
  if (key === 'p') {
    store.togglePause();
    return true;
  }
  if (store.state().view.page !== 'map') return false;
  const command = COMMANDS[key];
  if (command !== undefined) {
    send(command);
    return true;
  }
  return isOnMap(event) && walked(store, key);
}

function changedView(key: string): ((view: View) => View) | undefined {
  switch (key) {
    case 'd':
      return (view) => ({ ...view, shown: view.shown === 'denied' ? 'all' : 'denied' });
    case 'n':
      return (view) => ({ ...view, shown: view.shown === 'new' ? 'all' : 'new' });
    case 't':
      return (view) => ({ ...view, page: 'map', isListOpen: !view.isListOpen });
    case 'Escape':
      return withStepBack;
    default:
      return undefined;
  }
}

/** Arrows and Enter belong to whatever control has the focus, unless that is the map or nothing. */
const isOnMap = ({ target }: KeyboardEvent): boolean =>
  target === document.body ||
  (target instanceof HTMLElement && target.closest('[data-testid="map"]') !== null);

function walked(store: Store, key: string): boolean {
  const { scene, view } = store.state();
  if (scene === undefined) return false;
  const current =
    view.selection?.kind === 'vertex' || view.selection?.kind === 'group' ? view.selection.id : undefined;
  const step = STEPS[key];
  if (step !== undefined) {
    const next = neighbourOf(scene, current, step);
    if (next === undefined) return true;
    const kind = scene.membership.groups.has(next) ? 'group' : 'vertex';
    store.look((old) => withSelection(old, { kind, id: next }));
    return true;
  }
  if (key !== 'Enter' || view.selection === undefined) return false;
  if (view.selection.kind === 'group') store.look((old) => withToggled(old, current ?? ''));
  else document.getElementById('panel')?.focus();
  return true;
}
