import type { ReactNode } from 'react';
import { minutesOf, type Slice, type Stretch } from '../model/activity.ts';
import classes from './time-bar.module.css';

/** Rows of the picture, 66 high: two lanes of marks, then the histogram. */
const LANES = { findings: 8, newEdges: 23, top: 32, foot: 66 } as const;
const HIGHEST = LANES.foot - LANES.top - 2;
/** A bar that says anything at all must be seen. */
const LOWEST = 1.5;

/** 0 to 1000 along the span. */
const across = (at: number, { from, until }: Stretch): number =>
  Math.min(Math.max((at - from) / Math.max(until - from, 1), 0), 1) * 1000;

/** What was learnt from, as a shade behind everything. */
export function Training({
  window,
  span,
}: {
  readonly window: Stretch | null;
  readonly span: Stretch;
}): ReactNode {
  if (window === null) return null;
  const from = across(window.from, span);
  const width = across(window.until, span) - from;
  return <rect className={classes['training']} x={from} y={0} height={LANES.foot} width={width} />;
}

interface LaneProps {
  readonly slices: readonly Slice[];
  readonly span: Stretch;
}

/** One mark for each slice in which an edge outside the baseline, or a finding, was first seen. */
export function Marks({ slices, span }: LaneProps): ReactNode {
  return slices.map((slice) => {
    const x = (across(slice.from, span) + across(slice.until, span)) / 2;
    return (
      <g key={slice.from}>
        {slice.findings > 0 ? (
          <path className={classes['finding']} d={`M${x} ${LANES.findings}h.01`} />
        ) : null}
        {slice.newEdges > 0 ? <path className={classes['fresh']} d={`M${x} ${LANES.newEdges}h.01`} /> : null}
      </g>
    );
  });
}

/** Conversations per minute; what was denied stands at the foot of each bar. */
export function Traffic({ slices, span, peak }: LaneProps & { readonly peak: number }): ReactNode {
  const height = (count: number, slice: Slice): number =>
    count === 0 ? 0 : Math.max((count / minutesOf(slice) / Math.max(peak, 1)) * HIGHEST, LOWEST);
  return slices
    .filter(({ conversations }) => conversations > 0)
    .map((slice) => {
      const x = across(slice.from, span);
      const width = (across(slice.until, span) - x) * 0.82;
      const all = height(slice.conversations, slice);
      const denied = height(slice.denied, slice);
      return (
        <g key={slice.from}>
          <rect className={classes['seen']} x={x} width={width} y={LANES.foot - all} height={all} />
          {denied > 0 ? (
            <rect className={classes['denied']} x={x} width={width} y={LANES.foot - denied} height={denied} />
          ) : null}
        </g>
      );
    });
}
