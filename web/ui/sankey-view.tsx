import { type KeyboardEvent, type ReactNode, useMemo, useState } from 'react';
import { cutMiddle, shortCount } from '../model/format.ts';
import type { DrawnLine } from '../model/picture.ts';
import {
  deniedPart,
  ribbonPath,
  type Sankey,
  type SankeyBand,
  type SankeyEnd,
  sankeyOf,
} from '../model/sankey.ts';
import { type Selection, withSelection } from '../model/view.ts';
import classes from './sankey-view.module.css';
import { EmptyState } from './states.tsx';
import { sightOf } from './store.ts';
import { formStrings } from './strings-forms.ts';
import { useApp, useStore } from './use-app.ts';
import { groupName, linePorts, trafficWords } from './words.ts';

const words = formStrings.sankey;

/** Pixels of the drawing; names stand beside the two columns. */
const WIDTH = 1000;
const LEFT = 220;
const RIGHT = WIDTH - LEFT;
const BAR = 8;
const TOP = 12;

/** How much flows from which namespace into which: clients at the left, servers at the right. */
export function SankeyView(): ReactNode {
  const graph = useApp((state) => state.graph);
  const membership = useApp((state) => state.scene?.membership);
  const view = useApp((state) => state.view);
  const reached = useApp((state) => state.reached);
  const sankey = useMemo(
    () =>
      graph === undefined || membership === undefined
        ? undefined
        : sankeyOf(graph, sightOf({ view, reached }), membership),
    [graph, membership, view, reached],
  );
  if (sankey === undefined) return null;
  if (sankey.bands.length === 0) return <EmptyState title={words.title} text={words.empty} />;
  return <Drawing sankey={sankey} />;
}

function Drawing({ sankey }: { readonly sankey: Sankey }): ReactNode {
  const height = sankey.height + TOP * 2;
  const names = new Map(
    [...sankey.clients, ...sankey.servers].map(({ group }) => [group.group.id, groupName(group.group)]),
  );
  const nameOf = (id: string): string => names.get(id) ?? id;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className={classes['scroll']} tabIndex={0} aria-label={words.title}>
      <div className={classes['heads']} aria-hidden="true">
        <span>{formStrings.table.from}</span>
        <span>{formStrings.table.to}</span>
      </div>
      <svg className={classes['drawing']} viewBox={`0 0 ${WIDTH} ${height}`} role="presentation">
        <g transform={`translate(0 ${TOP})`}>
          {sankey.bands.map((band) => (
            <Band
              key={band.line.id}
              band={band}
              name={`${nameOf(band.line.from)} → ${nameOf(band.line.to)}`}
            />
          ))}
          {sankey.clients.map((end) => (
            <End key={end.group.group.id} end={end} side="client" />
          ))}
          {sankey.servers.map((end) => (
            <End key={end.group.group.id} end={end} side="server" />
          ))}
        </g>
      </svg>
    </section>
  );
}

/** Enter and the space bar press what the focus is on, as they do for a button. */
const pressing =
  (press: () => void) =>
  (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault();
    press();
  };

function selectionOf(line: DrawnLine): Selection {
  const [first] = line.edges;
  return line.edges.length === 1 && first !== undefined
    ? { kind: 'edge', id: first.id }
    : { kind: 'line', from: line.from, to: line.to };
}

const MARKS: Readonly<Partial<Record<DrawnLine['meaning'], string>>> = {
  denied: '✕',
  mixed: '✕',
  audit: '▲',
};

function Band({ band, name }: { readonly band: SankeyBand; readonly name: string }): ReactNode {
  const store = useStore();
  const [isPointed, setPointed] = useState(false);
  const { line, fromY, toY, thickness } = band;
  const says = `${name}: ${linePorts(line)}, ${trafficWords(line.sums)}`;
  const select = (): void => store.look((view) => withSelection(view, selectionOf(line)));
  const denied = deniedPart(band);
  const mark = MARKS[line.meaning];
  const outline = ribbonPath(band, LEFT + BAR, RIGHT - BAR);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a ribbon of a drawing can be no button element
    <g
      className={classes['band']}
      role="button"
      tabIndex={0}
      aria-label={says}
      aria-pressed={line.isSelected}
      data-meaning={line.meaning}
      data-dim={line.isDim}
      data-pointed={isPointed}
      data-testid={`band-${line.id}`}
      onClick={select}
      onKeyDown={pressing(select)}
      onMouseEnter={() => setPointed(true)}
      onMouseLeave={() => setPointed(false)}
    >
      <title>{says}</title>
      {line.sums.newEdges > 0 ? <path className={classes['halo']} d={outline} /> : null}
      <path className={classes['ribbon']} d={outline} />
      {denied === undefined ? null : (
        <path className={classes['denied']} d={ribbonPath(denied, LEFT + BAR, RIGHT - BAR)} />
      )}
      {mark === undefined ? null : (
        <text
          className={classes['mark']}
          data-meaning={line.meaning}
          x={WIDTH / 2}
          y={(fromY + toY + thickness) / 2 + 4}
        >
          {mark}
        </text>
      )}
    </g>
  );
}

function End({ end, side }: { readonly end: SankeyEnd; readonly side: 'client' | 'server' }): ReactNode {
  const store = useStore();
  const { group, y, height, conversations } = end;
  const name = groupName(group.group);
  const isClient = side === 'client';
  const select = (): void => store.look((view) => withSelection(view, { kind: 'group', id: group.group.id }));
  return (
    // biome-ignore lint/a11y/useSemanticElements: a bar of a drawing can be no button element
    <g
      className={classes['end']}
      role="button"
      tabIndex={0}
      aria-label={words[side](name, shortCount(conversations))}
      aria-pressed={group.isSelected}
      data-dim={group.isDim}
      onClick={select}
      onKeyDown={pressing(select)}
    >
      <title>{name.slice(0, 253)}</title>
      <rect x={isClient ? LEFT : RIGHT - BAR} y={y} width={BAR} height={Math.max(height, 3)} rx={2} />
      <text
        x={isClient ? LEFT - 10 : RIGHT + 10}
        y={y + height / 2 + 4}
        textAnchor={isClient ? 'end' : 'start'}
      >
        {cutMiddle(name, 22)} <tspan>{shortCount(conversations)}</tspan>
      </text>
    </g>
  );
}
