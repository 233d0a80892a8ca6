import { Button } from '@mantine/core';
import { type ReactNode, useMemo } from 'react';
import type { GraphEdge } from '#contract/graph.ts';
import { counted, percent, shortCount } from '../model/format.ts';
import { EdgeRows } from './edge-row.tsx';
import { FindingRows } from './finding-card.tsx';
import classes from './group-panel.module.css';
import { PanelHead } from './panel-frame.tsx';
import { Figures, Muted, Section } from './pieces.tsx';
import { pageStrings } from './strings-pages.ts';
import { useApp, useStore } from './use-app.ts';
import { useResource } from './use-resource.ts';
import { nameById } from './words.ts';

const words = pageStrings.overview;
const SHOWN_FINDINGS = 5;
const SHOWN_EDGES = 6;
const SEVERITIES = ['high', 'medium', 'low', 'info'];

/** What matters when nothing is selected: findings, how ready the baseline is, the proposal, the busiest edges. */
export function OverviewPanel(): ReactNode {
  const graph = useApp((state) => state.graph);
  return (
    <>
      <PanelHead title={graph?.title.slice(0, 120) ?? words.title} sentence={words.hint} isClosable={false} />
      <div className={classes['body']}>
        <OpenFindings />
        <Readiness />
        <Proposal />
        {graph === undefined ? null : <Busiest edges={graph.edgesById} />}
      </div>
    </>
  );
}

function OpenFindings(): ReactNode {
  const store = useStore();
  const all = useApp((state) => state.graph?.findingsById);
  const open = useMemo(
    () =>
      [...(all?.values() ?? [])]
        .filter(({ state }) => state === 'open')
        .sort(
          (a, b) =>
            SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) || b.lastSeenAt - a.lastSeenAt,
        ),
    [all],
  );
  return (
    <Section
      title={`${words.findings}${open.length > 0 ? ` · ${open.length}` : ''}`}
      aside={
        open.length > SHOWN_FINDINGS ? (
          <Button
            size="compact-xs"
            variant="subtle"
            onClick={() => store.look((view) => ({ ...view, page: 'findings' }))}
          >
            {words.allFindings(open.length)}
          </Button>
        ) : null
      }
    >
      {open.length === 0 ? (
        <Muted>{words.noFindings}</Muted>
      ) : (
        <FindingRows findings={open.slice(0, SHOWN_FINDINGS)} />
      )}
    </Section>
  );
}

const isNew = ({ state }: GraphEdge): boolean => state === 'new';

function Readiness(): ReactNode {
  const store = useStore();
  const revision = useApp((state) => state.learningRevision);
  const { resource } = useResource('training', () => store.api.training(), { revision });
  const edges = useApp((state) => state.graph?.edgesById);
  const newEdges = useMemo(() => [...(edges?.values() ?? [])].filter(isNew).length, [edges]);
  if (resource.state !== 'ready') return null;
  const { baseline, soFar } = resource.value;
  const { training } = pageStrings;
  if (baseline === null) {
    return (
      <Section title={words.readiness}>
        {soFar === null ? (
          <Muted>{training.none}</Muted>
        ) : (
          <Figures items={[{ label: training.soFar, value: percent(soFar.score) }]} />
        )}
      </Section>
    );
  }
  const { readiness } = baseline;
  return (
    <Section title={words.readiness}>
      <Figures
        items={[
          { label: training.score, value: percent(readiness.score) },
          { label: training.unseen, value: percent(readiness.unseenMass), hint: training.unseenHint },
          { label: training.oneShot, value: shortCount(readiness.oneShotEdges) },
          {
            label: training.notInBaseline,
            value: shortCount(newEdges),
            tone: newEdges > 0 ? 'new' : 'plain',
            hint: training.notInBaselineHint,
          },
        ]}
      />
    </Section>
  );
}

function Proposal(): ReactNode {
  const store = useStore();
  const revision = useApp((state) => state.learningRevision);
  const { resource } = useResource('proposals', () => store.api.proposals(), { revision });
  const [newest] = resource.state === 'ready' ? resource.value : [];
  if (newest === undefined) return null;
  const { proposals } = pageStrings;
  return (
    <Section
      title={words.proposal}
      aside={
        <Button
          size="compact-xs"
          variant="subtle"
          onClick={() => store.look((view) => ({ ...view, page: 'proposals' }))}
        >
          {words.toProposal}
        </Button>
      }
    >
      <Figures
        items={[
          { label: proposals.coverage, value: percent(newest.coverage), hint: proposals.coverageHint },
          { label: proposals.tightness, value: percent(newest.tightness), hint: proposals.tightnessHint },
          { label: proposals.policies, value: shortCount(newest.policies) },
          {
            label: proposals.notAdmitted,
            value: shortCount(newest.notAdmitted),
            tone: newest.notAdmitted > 0 ? 'audit' : 'plain',
            hint: counted(newest.notAdmitted, 'training edge'),
          },
        ]}
      />
    </Section>
  );
}

function Busiest({ edges }: { readonly edges: ReadonlyMap<number, GraphEdge> }): ReactNode {
  const nodes = useApp((state) => state.graph?.nodesById);
  const busiest = useMemo(
    () =>
      [...edges.values()]
        .sort((a, b) => b.ratePerMinute - a.ratePerMinute || b.conversations - a.conversations || a.id - b.id)
        .slice(0, SHOWN_EDGES),
    [edges],
  );
  if (nodes === undefined || busiest.length === 0) return null;
  return (
    <Section title={words.busiest}>
      <EdgeRows
        edges={busiest}
        nameOf={(edge) => `${nameById(nodes, edge.from)} → ${nameById(nodes, edge.to)}`}
      />
    </Section>
  );
}
