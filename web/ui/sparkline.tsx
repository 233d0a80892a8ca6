import type { ReactNode } from 'react';
import { absoluteTime, clockTime, counted } from '../model/format.ts';
import classes from './sparkline.module.css';

export interface Bar {
  readonly at: number;
  readonly conversations: number;
  readonly denied: number;
}

const MINUTE = 60_000;
const MAX_BARS = 120;

/** Bars by minute, minutes without traffic included; several minutes share a bar when there are too many. */
export function slots(minutes: readonly Bar[]): readonly Bar[] {
  const sorted = [...minutes].sort((a, b) => a.at - b.at);
  const [first] = sorted;
  const last = sorted.at(-1);
  if (first === undefined || last === undefined) return [];
  const width = Math.ceil((last.at - first.at + MINUTE) / MAX_BARS / MINUTE) * MINUTE;
  const count = Math.max(Math.floor((last.at - first.at) / width) + 1, 1);
  const bars = Array.from({ length: count }, (_, i) => ({
    at: first.at + i * width,
    conversations: 0,
    denied: 0,
  }));
  for (const minute of sorted) {
    const bar = bars[Math.floor((minute.at - first.at) / width)];
    if (bar === undefined) continue;
    bar.conversations += minute.conversations;
    bar.denied += minute.denied;
  }
  return bars;
}

/** A small histogram; denied conversations stand at the foot of each bar. */
export function Sparkline(props: { readonly minutes: readonly Bar[]; readonly label: string }): ReactNode {
  const bars = slots(props.minutes);
  const [first] = bars;
  const last = bars.at(-1);
  if (first === undefined || last === undefined) return null;
  const most = Math.max(1, ...bars.map((bar) => bar.conversations));
  const step = 100 / Math.max(bars.length, 12);
  const total = bars.reduce((sum, bar) => sum + bar.conversations, 0);
  return (
    <figure className={classes['figure']}>
      <svg
        viewBox="0 0 100 40"
        preserveAspectRatio="none"
        className={classes['bars']}
        role="img"
        aria-label={`${props.label}: ${counted(total, 'conversation')} from ${absoluteTime(first.at)} to ${absoluteTime(last.at)}`}
      >
        {bars.map((bar, i) => (
          <g key={bar.at}>
            <title>{`${absoluteTime(bar.at)}: ${counted(bar.conversations, 'conversation')}`}</title>
            <rect
              className={classes['all']}
              x={i * step}
              width={step * 0.82}
              y={40 - (bar.conversations / most) * 38}
              height={(bar.conversations / most) * 38}
            />
            <rect
              className={classes['denied']}
              x={i * step}
              width={step * 0.82}
              y={40 - (bar.denied / most) * 38}
              height={(bar.denied / most) * 38}
            />
          </g>
        ))}
      </svg>
      <figcaption className={classes['axis']}>
        <span>{clockTime(first.at)}</span>
        <span>{first.at === last.at ? '' : `${clockTime(last.at)} UTC`}</span>
      </figcaption>
    </figure>
  );
}
