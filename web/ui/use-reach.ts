import { useEffect, useMemo } from 'react';
import { workloadText } from '../model/asked-ends.ts';
import type { Asked, Blast } from '../model/ports.ts';
import { reachedOf } from '../model/reach.ts';
import { useApp, useStore } from './use-app.ts';
import { type Fetched, useResource } from './use-resource.ts';

/** Workloads come and go; a reach is asked for again at this pace while the line is live. */
const REFRESH_MS = 30_000;

/** What the workload of this name reaches; the jewel is empty for none. */
export function useBlast(workload: string, jewel = ''): Fetched<Asked<Blast>> {
  const store = useStore();
  const revision = useApp((state) => state.learningRevision);
  const isLive = useApp((state) => state.link.state === 'live' && !state.isPaused);
  return useResource(JSON.stringify([workload, jewel]), () => store.reach.ask(workload, jewel), {
    revision,
    refreshMs: isLive ? REFRESH_MS : 0,
  });
}

/** Fetches what the view wants lit, and hands it to the map. */
export function useReachOnMap(workload: string): Fetched<Asked<Blast>> {
  const store = useStore();
  const reach = useApp((state) => state.view.reach);
  const nodes = useApp((state) => state.graph?.nodesById);
  const fetched = useBlast(workload);
  const { resource } = fetched;
  const reached = useMemo(
    () =>
      resource.state === 'ready' && reach !== undefined && nodes !== undefined
        ? reachedOf(resource.value.answer, reach, nodes.values())
        : undefined,
    [resource, reach, nodes],
  );
  useEffect(() => store.showReached(reached), [store, reached]);
  return fetched;
}

/** The name under which the server is asked about a vertex; undefined for none that can be asked about. */
export function useWorkloadName(id: string | undefined): string | undefined {
  const node = useApp((state) => (id === undefined ? undefined : state.graph?.nodesById.get(id)));
  return node && workloadText(node);
}
