import type { ReactNode } from 'react';
import { absoluteTime, ago, cutMiddle } from '../model/format.ts';
import classes from './pieces.module.css';

export type Tone = 'plain' | 'denied' | 'audit' | 'new' | 'ok' | 'proposal' | 'muted';

/** A short word about state; the tone only repeats what the word says. */
export function Tag({
  tone = 'plain',
  children,
}: {
  readonly tone?: Tone;
  readonly children: ReactNode;
}): ReactNode {
  return (
    <span className={classes['tag']} data-tone={tone}>
      {children}
    </span>
  );
}

/** A name cut in the middle by length, in full on hover and for screen readers. */
export function Name({ text, max = 40 }: { readonly text: string; readonly max?: number }): ReactNode {
  const full = text.slice(0, 253);
  const cut = cutMiddle(full, max);
  if (cut === full) return <span>{full}</span>;
  return (
    <span title={full}>
      <span aria-hidden="true">{cut}</span>
      <span className="bh-hidden">{full}</span>
    </span>
  );
}

/** Relative time of the data's clock; the absolute one, with its zone, on hover. */
export function When({ at, now }: { readonly at: number; readonly now: number }): ReactNode {
  return (
    <time dateTime={new Date(at).toISOString()} title={absoluteTime(at)}>
      {ago(at, now)}
    </time>
  );
}

/** A heading with what belongs below it. */
export function Section(props: {
  readonly title: string;
  readonly hint?: string;
  readonly aside?: ReactNode;
  readonly children: ReactNode;
}): ReactNode {
  return (
    <section className={classes['section']}>
      <div className={classes['sectionHead']}>
        <h3 className={classes['sectionTitle']}>{props.title}</h3>
        {props.aside}
      </div>
      {props.hint === undefined ? null : <p className={classes['hint']}>{props.hint}</p>}
      {props.children}
    </section>
  );
}

/** A number with its name. */
export interface Figure {
  readonly label: string;
  readonly value: ReactNode;
  readonly tone?: Tone;
  readonly hint?: string;
}

/** Numbers side by side. */
export function Figures({
  items,
  columns = 4,
}: {
  readonly items: readonly Figure[];
  readonly columns?: number;
}): ReactNode {
  return (
    <dl className={classes['figures']} style={{ gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))` }}>
      {items.map(({ label, value, tone = 'plain', hint }) => (
        <div key={label} title={hint}>
          <dd data-tone={tone}>{value}</dd>
          <dt>{label}</dt>
        </div>
      ))}
    </dl>
  );
}

/** Facts as name and value, one a row. */
export function Facts({ rows }: { readonly rows: readonly (readonly [string, ReactNode])[] }): ReactNode {
  return (
    <dl className={classes['facts']}>
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Counted texts with a bar behind each, longest first as they came. */
export function Tallies({
  items,
}: {
  readonly items: readonly { readonly text: string; readonly count: number }[];
}): ReactNode {
  const most = Math.max(1, ...items.map(({ count }) => count));
  return (
    <ul className={classes['tallies']}>
      {items.map(({ text, count }) => (
        <li key={text}>
          <span className={classes['bar']} style={{ width: `${(count / most) * 100}%` }} aria-hidden="true" />
          <span className={classes['tallyText']}>
            <Name text={text} max={46} />
          </span>
          <span className={classes['tallyCount']}>{count}</span>
        </li>
      ))}
    </ul>
  );
}

/** A plain list of names. */
export function Names({
  items,
  max = 46,
}: {
  readonly items: readonly string[];
  readonly max?: number;
}): ReactNode {
  return (
    <ul className={classes['names']}>
      {items.map((item) => (
        <li key={item}>
          <Name text={item} max={max} />
        </li>
      ))}
    </ul>
  );
}

/** A sentence in the muted colour. */
export const Muted = ({ children }: { readonly children: ReactNode }): ReactNode => (
  <p className={classes['hint']}>{children}</p>
);
