import { type ReactNode, useMemo } from 'react';
import { type Activity, type FirstSeen, firstSeenBySlice } from '../model/activity.ts';
import { absoluteTime, clockTime, counted } from '../model/format.ts';
import type { LiveGraph } from '../model/live-graph.ts';
import { timeBarStrings as words } from './strings-time.ts';
import classes from './time-bar.module.css';
import { useApp } from './use-app.ts';

const SLICES = 96;

/** The time bar: what was learnt from, when edges first appeared, what goes on now, and when findings came. */
export function TimeBar(): ReactNode {
  const graph = useApp((state) => state.graph);
  const activity = useApp((state) => state.activity);
  const slices = useMemo(() => (graph === undefined ? [] : firstSeenBySlice(graph, SLICES)), [graph]);
  const [first] = slices;
  const last = slices.at(-1);
  if (graph === undefined || first === undefined || last === undefined) {
    return <div className={classes['bar']} aria-hidden="true" />;
  }
  const span = { from: first.from, until: last.until };
  return (
    <section className={classes['bar']} aria-label={words.label}>
      <div className={classes['names']}>
        <span>{words.firstSeen}</span>
        <span className={classes['zone']}>UTC</span>
      </div>
      <div className={classes['plot']}>
        <svg
          className={classes['svg']}
          viewBox="0 0 1000 40"
          preserveAspectRatio="none"
          role="img"
          aria-label={words.summary(graph.edgesById.size, absoluteTime(span.from), absoluteTime(graph.now))}
        >
          <Training graph={graph} span={span} />
          <Bars slices={slices} span={span} />
          <Rates activity={activity} span={span} />
          <Marks graph={graph} span={span} />
        </svg>
        {graph.trainingWindow === null ? null : (
          <span
            className={classes['trained']}
            style={{ right: `${100 - across(graph.trainingWindow.until, span) / 10}%` }}
          >
            {words.training}
          </span>
        )}
        <div className={classes['axis']}>
          {[0, 0.25, 0.5, 0.75, 1].map((share) => (
            <span key={share}>{clockTime(span.from + (span.until - span.from) * share)}</span>
          ))}
        </div>
      </div>
    </section>
  );
}

interface Span {
  readonly from: number;
  readonly until: number;
}

/** 0 to 1000 along the span. */
const across = (at: number, { from, until }: Span): number =>
  Math.min(Math.max((at - from) / Math.max(until - from, 1), 0), 1) * 1000;

function Training({ graph, span }: { readonly graph: LiveGraph; readonly span: Span }): ReactNode {
  if (graph.trainingWindow === null) return null;
  const from = across(graph.trainingWindow.from, span);
  return (
    <rect
      className={classes['training']}
      x={from}
      y={0}
      height={40}
      width={across(graph.trainingWindow.until, span) - from}
    />
  );
}

/** Height by square root, since the first minutes hold most of the edges. */
function Bars({ slices, span }: { readonly slices: readonly FirstSeen[]; readonly span: Span }): ReactNode {
  const most = Math.sqrt(Math.max(1, ...slices.map(({ edges }) => edges)));
  const height = (count: number): number => (Math.sqrt(count) / most) * 34;
  return slices
    .filter(({ edges }) => edges > 0)
    .map((slice) => {
      const x = across(slice.from, span);
      const width = Math.max((across(slice.until, span) - x) * 0.8, 2);
      const fresh = height(slice.edges) * (slice.newEdges / slice.edges);
      return (
        <g key={slice.from}>
          <title>{`${absoluteTime(slice.from)}: ${words.firstSeenCount(slice.edges, slice.newEdges)}`}</title>
          <rect
            className={classes['seen']}
            x={x}
            width={width}
            y={40 - height(slice.edges)}
            height={height(slice.edges)}
          />
          <rect className={classes['fresh']} x={x} width={width} y={40 - fresh} height={fresh} />
        </g>
      );
    });
}

function Rates({ activity, span }: { readonly activity: Activity; readonly span: Span }): ReactNode {
  if (activity.length < 2) return null;
  const most = Math.max(1, ...activity.map(({ conversations }) => conversations));
  const points = activity.map(
    ({ at, conversations }) =>
      `${across(at + 30_000, span).toFixed(1)},${(38 - (conversations / most) * 30).toFixed(1)}`,
  );
  return (
    <polyline className={classes['rate']} points={points.join(' ')}>
      <title>{words.rate(counted(activity.at(-1)?.conversations ?? 0, 'conversation'))}</title>
    </polyline>
  );
}

function Marks({ graph, span }: { readonly graph: LiveGraph; readonly span: Span }): ReactNode {
  return [...graph.findingsById.values()].map((finding) => {
    const x = across(finding.firstSeenAt, span);
    return (
      <path key={finding.id} className={classes['finding']} d={`M${x} 0v40`}>
        <title>{`${absoluteTime(finding.firstSeenAt)}: ${finding.title.slice(0, 200)}`}</title>
      </path>
    );
  });
}
