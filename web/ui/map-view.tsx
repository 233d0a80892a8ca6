import { useComputedColorScheme } from '@mantine/core';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import type { MapOptions, MountedMap } from '../map/mount-map.ts';
import { parseGroupId } from '../model/groups.ts';
import { withSelection, withToggled } from '../model/view.ts';
import { useCommand } from './keyboard.ts';
import classes from './map-view.module.css';
import { describeOnMap } from './map-words.ts';
import { EmptyState, LoadingState } from './states.tsx';
import type { Store } from './store.ts';
import { strings } from './strings.ts';
import { pageStrings } from './strings-pages.ts';
import { useApp, useStore } from './use-app.ts';
import { groupName, linePorts, vertexName } from './words.ts';

/** The canvas. What draws it is loaded on demand, since it is the page's largest part. */
export function MapView(): ReactNode {
  const store = useStore();
  const container = useRef<HTMLDivElement>(null);
  const [map, setMap] = useState<MountedMap>();
  const [isMissing, setMissing] = useState(false);
  const scene = useApp((state) => state.scene);
  const selection = useApp((state) => state.view.selection);
  const scheme = useComputedColorScheme('light');
  useEffect(() => {
    let mounted: MountedMap | undefined;
    let isWanted = true;
    const load = async (): Promise<void> => {
      const { mountMap } = await import('../map/mount-map.ts');
      if (!isWanted || container.current === null) return;
      mounted = mountMap(container.current, optionsFor(store));
      setMap(mounted);
    };
    load().catch(() => setMissing(true));
    return () => {
      isWanted = false;
      mounted?.destroy();
      setMap(undefined);
    };
  }, [store]);
  useEffect(() => {
    if (map !== undefined && scene !== undefined) map.draw(scene, scheme);
  }, [map, scene, scheme]);
  useEffect(() => {
    if (selection?.kind === 'vertex' || selection?.kind === 'group') map?.reveal(selection.id);
  }, [map, selection]);
  useCommand((command) => {
    if (command === 'fit') map?.fit();
    if (command === 'closer') map?.zoomBy(1.25);
    if (command === 'further') map?.zoomBy(0.8);
  });
  if (isMissing) {
    return <EmptyState title={pageStrings.states.errorTitle} text={pageStrings.states.unreachable} />;
  }
  return (
    <>
      {map === undefined ? <LoadingState rows={8} /> : null}
      <div
        ref={container}
        className={classes['map']}
        role="application"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: arrow keys walk the map, so it must be able to hold the focus
        tabIndex={0}
        aria-label={`${strings.map.label}. ${strings.map.hint}`}
        data-testid="map"
        data-ready={map !== undefined}
      />
    </>
  );
}

function optionsFor(store: Store): MapOptions {
  const { look } = store;
  return {
    isAnimated: !window.matchMedia('(prefers-reduced-motion: reduce)').matches,
    words: {
      groupName: ({ group }) => groupName(group),
      groupFacts: ({ group, members, insideEdges }) =>
        strings.map.groupFacts(members, insideEdges, group.kind === 'namespace' ? 'workload' : 'peer'),
      vertexName,
      lineName: linePorts,
    },
    handlers: {
      onVertex: (id) => look((view) => withSelection(view, selectionOf(id))),
      onGroup: (id) =>
        look((view) =>
          view.expanded.has(id) ? withSelection(view, { kind: 'group', id }) : withToggled(view, id),
        ),
      onToggle: (id) => look((view) => withToggled(view, id)),
      onLine: (id) => look((view) => withSelection(view, lineSelection(store, id) ?? view.selection)),
      onBackground: () => look((view) => withSelection(view, undefined)),
    },
    describe: (role, id) => describeOnMap(store.state(), role, id),
  };
}

/** What stands for the rest of a group leads to the group, whose panel lists everybody. */
function selectionOf(id: string): { readonly kind: 'vertex' | 'group'; readonly id: string } {
  const rest = id.startsWith('rest:') ? parseGroupId(id.slice('rest:'.length)) : undefined;
  return rest === undefined ? { kind: 'vertex', id } : { kind: 'group', id: rest.id };
}

function lineSelection(store: Store, id: string): Parameters<typeof withSelection>[1] {
  const line = store.state().scene?.picture.lines.find((drawn) => drawn.id === id);
  const [first] = line?.edges ?? [];
  if (line === undefined || first === undefined) return undefined;
  return line.edges.length === 1
    ? { kind: 'edge', id: first.id }
    : { kind: 'line', from: line.from, to: line.to };
}
