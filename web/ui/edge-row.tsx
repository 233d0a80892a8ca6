import type { ReactNode } from 'react';
import type { GraphEdge } from '#contract/graph.ts';
import { portName, rate } from '../model/format.ts';
import { lineSums, meaningOf } from '../model/meaning.ts';
import { withSelection } from '../model/view.ts';
import classes from './edge-row.module.css';
import { Name, Tag, type Tone } from './pieces.tsx';
import { strings } from './strings.ts';
import { useStore } from './use-app.ts';

const STATE_TONES: Readonly<Record<GraphEdge['state'], Tone>> = {
  known: 'muted',
  new: 'new',
  held: 'audit',
  rejected: 'denied',
  silent: 'muted',
  unjudged: 'muted',
};

/** Words about how an edge stands to the baseline and to policy; nothing for an ordinary one. */
export function EdgeTags({
  edge,
  isFull = false,
}: {
  readonly edge: GraphEdge;
  readonly isFull?: boolean;
}): ReactNode {
  const { states } = strings.edge;
  const isOrdinary = edge.state === 'known' || edge.state === 'unjudged';
  return (
    <>
      {edge.denied > 0 ? (
        <Tag tone="denied">
          ✕ {edge.denied >= edge.conversations ? strings.meaning.denied : strings.meaning.mixed}
        </Tag>
      ) : null}
      {edge.audited > 0 && edge.denied === 0 ? <Tag tone="audit">▲ {strings.meaning.audit}</Tag> : null}
      {isOrdinary && !isFull ? null : (
        <Tag tone={STATE_TONES[edge.state]}>
          {isFull ? states[edge.state] : strings.edge.shortStates[edge.state]}
        </Tag>
      )}
    </>
  );
}

/** One edge as a row that opens it. */
export function EdgeRow({ edge, name }: { readonly edge: GraphEdge; readonly name: string }): ReactNode {
  const store = useStore();
  const meaning = meaningOf([edge], lineSums([edge]));
  return (
    <button
      type="button"
      className={classes['row']}
      data-testid={`edge-row-${edge.id}`}
      data-meaning={meaning}
      onClick={() =>
        store.look((view) => withSelection({ ...view, page: 'map' }, { kind: 'edge', id: edge.id }))
      }
    >
      <span className={classes['mark']} aria-hidden="true" />
      <span className={classes['name']}>
        <Name text={name} max={44} />
      </span>
      <span className={classes['port']}>{portName(edge)}</span>
      <span className={classes['rate']}>{rate(edge.ratePerMinute)}/min</span>
      <span className={classes['tags']}>
        <EdgeTags edge={edge} />
      </span>
    </button>
  );
}

/** Rows of edges; `nameOf` says which end the reader does not know yet. */
export function EdgeRows(props: {
  readonly edges: readonly GraphEdge[];
  readonly nameOf: (edge: GraphEdge) => string;
}): ReactNode {
  return (
    <ul className={classes['rows']}>
      {props.edges.map((edge) => (
        <li key={edge.id}>
          <EdgeRow edge={edge} name={props.nameOf(edge)} />
        </li>
      ))}
    </ul>
  );
}
