import { createContext, useContext, useSyncExternalStore } from 'react';
import type { AppState, Store } from './store.ts';

export const StoreContext = createContext<Store | undefined>(undefined);

/** The store of the page. */
export function useStore(): Store {
  const store = useContext(StoreContext);
  if (store === undefined) throw new Error('StoreContext is missing');
  return store;
}

/** A part of the page's state; `pick` must give the same reference while nothing changed. */
export function useApp<T>(pick: (state: AppState) => T): T {
  const store = useStore();
  return useSyncExternalStore(store.subscribe, () => pick(store.state()));
}
