import { SegmentedControl } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import type { EdgeDetail } from '#contract/graph.ts';
import { edgeQuestion } from '../model/asked-ends.ts';
import type { Asked, Explained } from '../model/ports.ts';
import { AskFailure } from './ask-failure.tsx';
import { Muted, Section, Tag } from './pieces.tsx';
import classes from './questions.module.css';
import { LoadingState } from './states.tsx';
import { questionStrings } from './strings-questions.ts';
import { useApp, useStore } from './use-app.ts';
import { useResource } from './use-resource.ts';
import { CaseView } from './why-case.tsx';
import { PatchView } from './why-patch.tsx';

const words = questionStrings.why;
const SOURCES = ['proposal', 'current'] as const;
type Source = (typeof SOURCES)[number];

/** Cases that are drawn; the command line has the rest. */
const MOST_CASES = 3;

/** By which policy and rule an edge is allowed or denied, in both directions, and what is missing when it is denied. */
export function WhySection({ detail }: { readonly detail: EdgeDetail }): ReactNode {
  const [source, setSource] = useState<Source>('proposal');
  return (
    <Section
      title={words.title}
      aside={
        <SegmentedControl
          size="xs"
          aria-label={words.under}
          value={source}
          data={SOURCES.map((value) => ({ value, label: words.sources[value] }))}
          onChange={(value) => setSource(value as Source)}
        />
      }
    >
      <Question detail={detail} source={source} />
    </Section>
  );
}

function Question({ detail, source }: { readonly detail: EdgeDetail; readonly source: Source }): ReactNode {
  const from = useApp((state) => state.graph?.nodesById.get(detail.from));
  const to = useApp((state) => state.graph?.nodesById.get(detail.to));
  if (from === undefined || to === undefined) return null;
  const question = edgeQuestion(detail, { from, to }, detail.addresses);
  if (!question.ok) return <Muted>{words.unasked[question.why]}</Muted>;
  if (source === 'proposal' && detail.admitted === 'no-proposal') return <Muted>{words.noProposal}</Muted>;
  return (
    <>
      <Answered body={question.body} source={source} />
      {question.address === undefined ? null : <Muted>{words.address(question.address)}</Muted>}
    </>
  );
}

type Body = Extract<ReturnType<typeof edgeQuestion>, { readonly ok: true }>['body'];

function Answered({ body, source }: { readonly body: Body; readonly source: Source }): ReactNode {
  const store = useStore();
  const revision = useApp((state) => state.learningRevision);
  const { resource, reload } = useResource(
    JSON.stringify([source, body]),
    (signal) => store.api.ask('explain', { ...body, policies: { from: source } }, signal),
    { revision },
  );
  switch (resource.state) {
    case 'loading':
      return <LoadingState rows={4} />;
    case 'failed':
      return <AskFailure failure={resource.failure} onRetry={reload} />;
    default:
      return <Explanation asked={resource.value} source={source} />;
  }
}

const MARKS = {
  allowed: ['✓', 'ok'],
  denied: ['✕', 'denied'],
  some: ['✕', 'denied'],
} as const;

function Explanation(props: { readonly asked: Asked<Explained>; readonly source: Source }): ReactNode {
  const { answer, lists } = props.asked;
  const [mark, tone] = MARKS[answer.answer];
  const shown = answer.cases.slice(0, MOST_CASES);
  const total = lists.find(({ name }) => name === 'cases')?.total ?? answer.cases.length;
  return (
    <div className={classes['answer']}>
      <p role="status" className={classes['verdict']}>
        <Tag tone={tone}>
          <span aria-hidden="true">{mark}</span> {words.answers[props.source][answer.answer]}
        </Tag>
        <span className={classes['aside']}>{words.judgedAs(answer.profile)}</span>
      </p>
      {shown.map((each) => (
        <CaseView key={`${each.from} ${each.to}`} explained={each} ends={total > 1 ? undefined : answer} />
      ))}
      {total > shown.length ? <Muted>{words.otherCases(total - shown.length)}</Muted> : null}
      {answer.patch === undefined ? null : <PatchView patch={answer.patch} />}
    </div>
  );
}
