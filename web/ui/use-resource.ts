import { useCallback, useEffect, useRef, useState } from 'react';
import type { Result } from '#core/result.ts';
import type { Answer, RequestFailure } from '../model/ports.ts';

/** What was asked for, on its way or arrived. An older answer stays while a newer one is fetched. */
export type Resource<T> =
  | { readonly state: 'loading' }
  | { readonly state: 'ready'; readonly value: T }
  | { readonly state: 'failed'; readonly failure: RequestFailure };

export interface Fetched<T> {
  readonly resource: Resource<T>;
  reload(): void;
}

/**
 * Fetches whenever `key` changes, again whenever `revision` does, and every `refreshMs` if that is above 0. Another
 * key forgets the old answer, another revision keeps it until the new one is there. `signal` aborts when nobody waits
 * for the answer any more.
 */
export function useResource<T>(
  key: string,
  ask: (signal: AbortSignal) => Answer<T>,
  options: { readonly revision?: unknown; readonly refreshMs?: number } = {},
): Fetched<T> {
  const [held, setHeld] = useState<{ readonly key: string; readonly resource: Resource<T> }>();
  const [attempt, setAttempt] = useState(0);
  const latest = useRef(ask);
  latest.current = ask;
  const { revision, refreshMs = 0 } = options;
  // biome-ignore lint/correctness/useExhaustiveDependencies: revision and attempt are what makes it fetch again
  useEffect(() => {
    const gone = new AbortController();
    const run = async (): Promise<void> => {
      const answer = await latest.current(gone.signal);
      if (!gone.signal.aborted)
        setHeld((old) => ({ key, resource: next(old?.key === key ? old.resource : undefined, answer) }));
    };
    void run();
    const timer = refreshMs > 0 ? setInterval(() => void run(), refreshMs) : undefined;
    return () => {
      gone.abort();
      clearInterval(timer);
    };
  }, [key, revision, attempt, refreshMs]);
  const reload = useCallback(() => setAttempt((n) => n + 1), []);
  return { resource: held?.key === key ? held.resource : { state: 'loading' }, reload };
}

/** A failed refresh does not take away what is there, unless the server says that it is gone. */
function next<T>(old: Resource<T> | undefined, answer: Result<T, RequestFailure>): Resource<T> {
  if (answer.ok) return { state: 'ready', value: answer.value };
  const isTransient = answer.error.code === 'unreachable';
  return old?.state === 'ready' && isTransient ? old : { state: 'failed', failure: answer.error };
}
