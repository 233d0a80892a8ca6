import { type PointerEvent, type ReactNode, useMemo, useState } from 'react';
import { activityBySlice, minutesOf, type Slice, type Stretch } from '../model/activity.ts';
import { absoluteTime, clockTime } from '../model/format.ts';
import { timeBarStrings as words } from './strings-time.ts';
import classes from './time-bar.module.css';
import { Marks, Traffic, Training } from './time-lanes.tsx';
import { useApp } from './use-app.ts';

const SLICES = 180;
const AXIS = [0, 0.25, 0.5, 0.75, 1];

/** The time bar: conversations per minute, what of them was denied, and above them when edges and findings were new. */
export function TimeBar(): ReactNode {
  const graph = useApp((state) => state.graph);
  const slices = useMemo(() => (graph === undefined ? [] : activityBySlice(graph, SLICES)), [graph]);
  const [first] = slices;
  const last = slices.at(-1);
  if (graph === undefined || first === undefined || last === undefined) {
    return <div className={classes['bar']} aria-hidden="true" />;
  }
  const span = { from: first.from, until: last.until };
  const peak = Math.max(...slices.map((slice) => slice.conversations / minutesOf(slice)));
  return (
    <section className={classes['bar']} aria-label={words.label} data-testid="time-bar">
      <div className={classes['names']}>
        <span>{words.findings}</span>
        <span>{words.newEdges}</span>
        <span>{words.traffic}</span>
        <span className={classes['peak']}>{words.peak(Math.round(peak))}</span>
        <span className={classes['zone']}>UTC</span>
      </div>
      <Plot slices={slices} span={span} peak={peak} window={graph.trainingWindow} />
    </section>
  );
}

interface PlotProps {
  readonly slices: readonly Slice[];
  readonly span: Stretch;
  readonly peak: number;
  readonly window: Stretch | null;
}

function Plot({ slices, span, peak, window }: PlotProps): ReactNode {
  const [hovered, setHovered] = useState<number>();
  const point = ({ currentTarget, clientX }: PointerEvent<HTMLDivElement>): void => {
    const { left, width } = currentTarget.getBoundingClientRect();
    setHovered(
      Math.min(Math.max(Math.floor(((clientX - left) / width) * slices.length), 0), slices.length - 1),
    );
  };
  const slice = hovered === undefined ? undefined : slices[hovered];
  return (
    <div className={classes['plot']}>
      <div
        className={classes['picture']}
        data-testid="time-plot"
        onPointerMove={point}
        onPointerLeave={() => setHovered(undefined)}
      >
        <svg
          className={classes['svg']}
          viewBox="0 0 1000 66"
          preserveAspectRatio="none"
          role="img"
          aria-label={summaryOf(slices, span)}
        >
          <Training window={window} span={span} />
          {slice === undefined ? null : <Hovered slice={slice} span={span} />}
          <Marks slices={slices} span={span} />
          <Traffic slices={slices} span={span} peak={peak} />
        </svg>
        {window === null ? null : (
          <span
            className={classes['trained']}
            style={{ left: `${Math.max((window.from - span.from) / (span.until - span.from), 0) * 100}%` }}
          >
            {words.training}
          </span>
        )}
        {slice === undefined ? null : <Tip slice={slice} share={((hovered ?? 0) + 0.5) / slices.length} />}
      </div>
      <div className={classes['axis']}>
        {AXIS.map((share) => (
          <span key={share}>{clockTime(span.from + (span.until - span.from) * share)}</span>
        ))}
      </div>
    </div>
  );
}

function summaryOf(slices: readonly Slice[], span: Stretch): string {
  const sums = { conversations: 0, denied: 0, newEdges: 0, findings: 0 };
  for (const slice of slices) {
    sums.conversations += slice.conversations;
    sums.denied += slice.denied;
    sums.newEdges += slice.newEdges;
    sums.findings += slice.findings;
  }
  return words.summary({ ...sums, from: absoluteTime(span.from), until: absoluteTime(span.until) });
}

function Hovered({ slice, span }: { readonly slice: Slice; readonly span: Stretch }): ReactNode {
  const scale = 1000 / (span.until - span.from);
  return (
    <rect
      className={classes['hovered']}
      x={(slice.from - span.from) * scale}
      width={(slice.until - slice.from) * scale}
      y={0}
      height={66}
    />
  );
}

/** The numbers of one slice, beside the pointer; it hangs to the side where there is room. */
function Tip({ slice, share }: { readonly slice: Slice; readonly share: number }): ReactNode {
  const side = share < 0.5 ? { left: `${share * 100}%` } : { right: `${(1 - share) * 100}%` };
  const minutes = minutesOf(slice);
  return (
    <div className={classes['tip']} style={side} data-testid="time-tip">
      <b>
        {absoluteTime(slice.from).slice(0, 16)}
        {minutes > 1 ? `–${clockTime(slice.until)}` : ''} UTC
      </b>
      <span>{words.conversations(slice.conversations, minutes)}</span>
      {slice.denied > 0 ? <span className={classes['tipDenied']}>{words.denied(slice.denied)}</span> : null}
      {slice.edges > 0 ? <span>{words.firstSeen(slice.edges, slice.newEdges)}</span> : null}
      {slice.findings > 0 ? <span>{words.found(slice.findings)}</span> : null}
    </div>
  );
}
