import type { ReactNode } from 'react';
import type { BaselineDetail, Training } from '#contract/learning.ts';
import { absoluteTime, duration, percent, shortCount } from '../model/format.ts';
import { Facts, Figures, Muted, Name, Section, Tag } from './pieces.tsx';
import { ErrorState, LoadingState } from './states.tsx';
import { pageStrings } from './strings-pages.ts';
import classes from './training-card.module.css';
import { useApp, useStore } from './use-app.ts';
import { useResource } from './use-resource.ts';

const words = pageStrings.training;

/** What was learnt, how complete it is, and why it is not more. */
export function TrainingCard(): ReactNode {
  const store = useStore();
  const revision = useApp((state) => state.learningRevision);
  const { resource, reload } = useResource('training', () => store.api.training(), { revision });
  if (resource.state === 'loading') return <LoadingState rows={8} />;
  if (resource.state === 'failed') return <ErrorState failure={resource.failure} onRetry={reload} />;
  return <Learnt training={resource.value} />;
}

function Learnt({ training }: { readonly training: Training }): ReactNode {
  const { baseline, window, soFar } = training;
  if (baseline === null) {
    return (
      <Section title={words.title}>
        {soFar === null ? <Muted>{words.none}</Muted> : <SoFar readiness={soFar} />}
        {window === null ? null : <Muted>{words.learnsAt(absoluteTime(window.until))}</Muted>}
      </Section>
    );
  }
  const { readiness } = baseline;
  return (
    <div data-testid="training">
      <div className={classes['score']}>
        <b>{percent(readiness.score)}</b>
        <span>{words.score}</span>
        <ul>
          {readiness.reasons.map((reason) => (
            <li key={reason}>{reason}</li>
          ))}
        </ul>
      </div>
      <Section title={words.reasons}>
        <Figures
          items={[
            { label: words.unseen, value: percent(readiness.unseenMass), hint: words.unseenHint },
            { label: words.oneShot, value: shortCount(readiness.oneShotEdges) },
            { label: words.hours, value: `${readiness.hoursCovered} / ${readiness.hoursInSpan}` },
            { label: words.lost, value: percent(readiness.lostShare) },
          ]}
        />
      </Section>
      <Section title={words.baseline} aside={<Tag>{words.version(baseline.version)}</Tag>}>
        <Facts
          rows={[
            [
              pageStrings.proposals.window,
              window === null ? '' : `${absoluteTime(window.from)}, ${duration(window.until - window.from)}`,
            ],
            [
              'Edges',
              `${shortCount(baseline.accepted)} ${words.accepted}, ${shortCount(baseline.held)} ${words.held}, ${shortCount(baseline.rejected)} ${words.rejected}`,
            ],
            ['By', baseline.actor],
          ]}
        />
        {training.unlearntEdges > 0 ? <Muted>{words.unlearnt(training.unlearntEdges)}</Muted> : null}
      </Section>
      <HeldEdges />
    </div>
  );
}

/** How complete a baseline of what was seen so far would be. */
function SoFar({ readiness }: { readonly readiness: NonNullable<Training['soFar']> }): ReactNode {
  return (
    <div className={classes['score']} data-testid="readiness-so-far">
      <b>{percent(readiness.score)}</b>
      <span>{words.soFar}</span>
      <ul>
        {readiness.reasons.map((reason) => (
          <li key={reason}>{reason}</li>
        ))}
      </ul>
    </div>
  );
}

type BaselineEdge = BaselineDetail['edges'][number];

function HeldEdges(): ReactNode {
  const store = useStore();
  const revision = useApp((state) => state.learningRevision);
  const { resource } = useResource('baseline', () => store.api.currentBaseline(), { revision });
  const held: readonly BaselineEdge[] =
    resource.state === 'ready' ? resource.value.edges.filter(({ decision }) => decision !== 'accepted') : [];
  if (held.length === 0) return null;
  return (
    <Section title={`${words.heldEdges} · ${held.length}`}>
      <ul className={classes['held']}>
        {held.map((edge) => (
          <li key={edge.key}>
            <p>
              <Name text={edge.line} max={140} />
              <Tag tone={edge.decision === 'held' ? 'audit' : 'denied'}>{edge.decision}</Tag>
            </p>
            <Muted>{edge.reason}</Muted>
          </li>
        ))}
      </ul>
    </Section>
  );
}
