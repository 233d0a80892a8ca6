import { type ReactNode, useMemo } from 'react';
import type { EdgeDetail, GraphEdge } from '#contract/graph.ts';
import { portName } from '../model/format.ts';
import { DecisionForm } from './decision-form.tsx';
import { EdgeFlows } from './edge-flows.tsx';
import { EdgeOverview } from './edge-overview.tsx';
import { EdgeTags } from './edge-row.tsx';
import { FindingCards } from './finding-card.tsx';
import { PanelHead, PanelTabs } from './panel-frame.tsx';
import { Facts, Muted, Name, Names, Section, Tag, type Tone } from './pieces.tsx';
import { EmptyState, ErrorState, LoadingState } from './states.tsx';
import { strings } from './strings.ts';
import { useApp, useStore } from './use-app.ts';
import { useResource } from './use-resource.ts';
import { edgeSentence, nameById } from './words.ts';

const words = strings.edge;
const REFRESH_MS = 5000;

/** Everything known about one edge. */
export function EdgePanel({ id }: { readonly id: number }): ReactNode {
  const store = useStore();
  const edge = useApp((state) => state.graph?.edgesById.get(id));
  const revision = useApp((state) => state.learningRevision);
  const isLive = useApp((state) => state.link.state === 'live' && !state.isPaused);
  const { resource, reload } = useResource(`edge ${id}`, () => store.api.edge(id), {
    revision: `${revision} ${edge?.state ?? ''}`,
    refreshMs: isLive ? REFRESH_MS : 0,
  });
  if (resource.state === 'failed') {
    return edge === undefined ? (
      <EmptyState title={words.gone} text="" />
    ) : (
      <ErrorState failure={resource.failure} onRetry={reload} />
    );
  }
  const shown = edge ?? (resource.state === 'ready' ? resource.value : undefined);
  return (
    <>
      {shown === undefined ? null : <Head edge={shown} />}
      {resource.state === 'ready' ? <Parts detail={resource.value} /> : <LoadingState rows={9} />}
    </>
  );
}

function Head({ edge }: { readonly edge: GraphEdge }): ReactNode {
  const nodes = useApp((state) => state.graph?.nodesById);
  const now = useApp((state) => state.graph?.now) ?? edge.lastSeenAt;
  const [from, to] = [edge.from, edge.to].map((end) => nameById(nodes ?? new Map(), end));
  return (
    <PanelHead
      over={portName(edge)}
      title={
        <>
          <Name text={from ?? ''} max={44} /> <span aria-hidden="true">→</span>
          <span className="bh-hidden"> to </span> <Name text={to ?? ''} max={44} />
        </>
      }
      tags={
        <>
          <EdgeTags edge={edge} isFull />
          <AdmittedTag edge={edge} />
        </>
      }
      sentence={edgeSentence(edge, now)}
    />
  );
}

const ADMITTED_TONES: Readonly<Record<GraphEdge['admitted'], Tone>> = {
  admitted: 'ok',
  blocked: 'proposal',
  'no-proposal': 'muted',
  'out-of-scope': 'muted',
};

function AdmittedTag({ edge }: { readonly edge: GraphEdge }): ReactNode {
  const text = words.admittedTags[edge.admitted];
  return text === '' ? null : <Tag tone={ADMITTED_TONES[edge.admitted]}>{text}</Tag>;
}

function Parts({ detail }: { readonly detail: EdgeDetail }): ReactNode {
  const all = useApp((state) => state.graph?.findingsById);
  const findings = useMemo(
    () => [...(all?.values() ?? [])].filter((finding) => finding.edgeKey === detail.key),
    [all, detail.key],
  );
  return (
    <PanelTabs
      parts={[
        { tab: 'overview', content: <EdgeOverview detail={detail} /> },
        { tab: 'flows', content: <EdgeFlows detail={detail} /> },
        { tab: 'policies', content: <EdgePolicies detail={detail} /> },
        { tab: 'baseline', content: <EdgeBaseline detail={detail} /> },
        {
          tab: 'findings',
          count: findings.length,
          content: <FindingCards findings={findings} empty={words.noFindings} />,
        },
      ]}
    />
  );
}

function EdgePolicies({ detail }: { readonly detail: EdgeDetail }): ReactNode {
  return (
    <>
      <Section title={words.proposal}>
        <p>{words.admitted[detail.admitted]}</p>
      </Section>
      <Section title={words.rules}>
        {detail.rules.length === 0 ? <Muted>{words.noRules}</Muted> : <Names items={detail.rules} max={60} />}
      </Section>
      <Section title={words.allowedBy}>
        {detail.allowedBy.length === 0 ? (
          <Muted>{words.noPolicyNamed}</Muted>
        ) : (
          <Names items={detail.allowedBy} />
        )}
      </Section>
      {detail.deniedBy.length === 0 ? null : (
        <Section title={words.deniedBy}>
          <Names items={detail.deniedBy} />
        </Section>
      )}
    </>
  );
}

function EdgeBaseline({ detail }: { readonly detail: EdgeDetail }): ReactNode {
  const { baseline } = detail;
  return (
    <>
      <Section title={words.decision}>
        {baseline === null ? (
          <Muted>{words.noDecision}</Muted>
        ) : (
          <Facts
            rows={[
              [words.decision, words.decisions[baseline.decision]],
              [strings.decide.reason, baseline.reason],
              [words.decidedBy('').trim(), baseline.actor],
            ]}
          />
        )}
      </Section>
      <DecisionForm edgeKey={detail.key} current={baseline?.decision} />
    </>
  );
}
