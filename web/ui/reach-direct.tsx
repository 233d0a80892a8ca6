import { type ReactNode, useMemo } from 'react';
import { withoutKind } from '../model/asked-ends.ts';
import type { Asked, Blast } from '../model/ports.ts';
import { type DirectReach, directReachOf, readingOf, workloadIds } from '../model/reach.ts';
import { withSelection } from '../model/view.ts';
import { Muted, Name, Section, Tag } from './pieces.tsx';
import classes from './reach-panel.module.css';
import { questionStrings } from './strings-questions.ts';
import { useApp, useStore } from './use-app.ts';

const words = questionStrings.reach;

/** Rows that are drawn; the rest is counted. */
const LISTED = 200;

/** Who is reached in one hop; what nobody was seen to use comes first, since it can be closed. */
export function DirectReaches({ asked: { answer } }: { readonly asked: Asked<Blast> }): ReactNode {
  const nodes = useApp((state) => state.graph?.nodesById);
  const rows = useMemo(() => directReachOf(answer), [answer]);
  const ids = useMemo(() => workloadIds(nodes?.values() ?? [], answer.cluster), [nodes, answer.cluster]);
  const { now, proposal } = readingOf(answer);
  const under = proposal?.stage ?? (now?.stage === 'open' ? 'open' : 'now');
  const total = (proposal ?? now)?.byHop[0]?.workloads ?? rows.length;
  const shown = rows.slice(0, LISTED);
  return (
    <Section title={words.direct(total, words.under[under === 'current' ? 'now' : under])}>
      {rows.length === 0 ? <Muted>{words.noDirect}</Muted> : null}
      <ul className={classes['direct']}>
        {shown.map((row) => (
          <li key={row.workload}>
            <Target row={row} id={ids.get(row.workload)} />
          </li>
        ))}
      </ul>
      {total > shown.length ? <Muted>{words.cut(total - shown.length)}</Muted> : null}
    </Section>
  );
}

/** A workload that is on the map opens; one that only manifests know does not. */
function Target({ row, id }: { readonly row: DirectReach; readonly id: string | undefined }): ReactNode {
  const store = useStore();
  const content = (
    <>
      <span className={classes['target']} title={row.workload}>
        <Name text={withoutKind(row.workload)} max={40} />
      </span>
      <span className={classes['ports']}>
        <Name text={row.ports} max={24} />
      </span>
      {row.isUsed === false ? <Tag tone="audit">{words.neverUsed}</Tag> : null}
    </>
  );
  if (id === undefined) return <div className={classes['row']}>{content}</div>;
  return (
    <button
      type="button"
      className={classes['row']}
      onClick={() => store.look((view) => withSelection(view, { kind: 'vertex', id }))}
    >
      {content}
    </button>
  );
}
