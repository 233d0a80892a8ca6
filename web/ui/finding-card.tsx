import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import type { FindingView } from '#contract/learning.ts';
import { withSelection } from '../model/view.ts';
import classes from './finding-card.module.css';
import { Muted, Name, Tag, type Tone, When } from './pieces.tsx';
import { pageStrings } from './strings-pages.ts';
import { useApp, useStore } from './use-app.ts';

const words = pageStrings.findings;

const SEVERITY_TONES: Readonly<Record<FindingView['severity'], Tone>> = {
  high: 'denied',
  medium: 'audit',
  low: 'plain',
  info: 'muted',
};

/** How grave a finding is, in a word. */
export const Severity = ({ severity }: { readonly severity: FindingView['severity'] }): ReactNode => (
  <Tag tone={SEVERITY_TONES[severity]}>{severity}</Tag>
);

/** Findings as cards, for the panel. */
export function FindingCards(props: {
  readonly findings: readonly FindingView[];
  readonly empty: string;
}): ReactNode {
  if (props.findings.length === 0) {
    return (
      <div className={classes['empty']}>
        <Muted>{props.empty}</Muted>
      </div>
    );
  }
  return props.findings.map((finding) => <FindingCard key={finding.id} finding={finding} />);
}

/** Findings as short rows that lead to their edges. */
export function FindingRows({ findings }: { readonly findings: readonly FindingView[] }): ReactNode {
  const store = useStore();
  const now = useApp((state) => state.graph?.now);
  return (
    <ul className={classes['rows']}>
      {findings.map((finding) => (
        <li key={finding.id}>
          <button
            type="button"
            data-testid={`finding-${finding.id}`}
            onClick={() =>
              store.look((view) =>
                finding.edgeId === null
                  ? { ...view, page: 'findings' }
                  : withSelection({ ...view, page: 'map' }, { kind: 'edge', id: finding.edgeId }),
              )
            }
          >
            <Severity severity={finding.severity} />
            <span className={classes['rowTitle']}>{finding.title}</span>
            <span className={classes['when']}>
              <When at={finding.lastSeenAt} now={now ?? finding.lastSeenAt} />
            </span>
            {finding.title.includes(finding.line) ? null : (
              <span className={classes['rowLine']}>
                <Name text={finding.line} max={140} />
              </span>
            )}
          </button>
        </li>
      ))}
    </ul>
  );
}

function FindingCard({ finding }: { readonly finding: FindingView }): ReactNode {
  const store = useStore();
  const now = useApp((state) => state.graph?.now) ?? finding.lastSeenAt;
  const { edgeId } = finding;
  return (
    <article className={classes['card']}>
      <div className={classes['head']}>
        <Severity severity={finding.severity} />
        <span className={classes['when']}>
          <When at={finding.lastSeenAt} now={now} />
        </span>
      </div>
      <h3 className={classes['title']}>{finding.title}</h3>
      {finding.title.includes(finding.line) ? null : (
        <p className={classes['line']}>
          <Name text={finding.line} max={140} />
        </p>
      )}
      <p className={classes['why']}>{finding.explanation}</p>
      <p className={classes['why']}>
        {words.answer}: {words.answers[finding.proposalAnswer].toLowerCase()}.
      </p>
      {edgeId === null ? null : (
        <Button
          size="compact-xs"
          variant="default"
          onClick={() =>
            store.look((view) => withSelection({ ...view, page: 'map' }, { kind: 'edge', id: edgeId }))
          }
        >
          {words.showOnMap}
        </Button>
      )}
    </article>
  );
}
