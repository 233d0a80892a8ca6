import { type ReactNode, useMemo } from 'react';
import type { GraphEdge, GraphNode, NodeDetail } from '#contract/graph.ts';
import { counted } from '../model/format.ts';
import { EdgeRows } from './edge-row.tsx';
import { FindingCards } from './finding-card.tsx';
import { PanelHead, PanelTabs } from './panel-frame.tsx';
import { Facts, Muted, Names, Section, Tag } from './pieces.tsx';
import { ReachPanel } from './reach-panel.tsx';
import { CopyButton, EmptyState, ErrorState, LoadingState } from './states.tsx';
import { pageStrings } from './strings-pages.ts';
import { useApp, useStore } from './use-app.ts';
import { useResource } from './use-resource.ts';
import classes from './vertex-panel.module.css';
import { nameById } from './words.ts';
import { YamlView } from './yaml-view.tsx';

const words = pageStrings.vertex;
const REFRESH_MS = 5000;

/** Everything known about a workload or another vertex. */
export function VertexPanel({ id }: { readonly id: string }): ReactNode {
  const store = useStore();
  const node = useApp((state) => state.graph?.nodesById.get(id));
  const revision = useApp((state) => state.learningRevision);
  const isLive = useApp((state) => state.link.state === 'live' && !state.isPaused);
  const { resource, reload } = useResource(`node ${id}`, () => store.api.node(id), {
    revision,
    refreshMs: isLive ? REFRESH_MS : 0,
  });
  if (resource.state === 'failed') {
    return node === undefined ? (
      <EmptyState title={words.gone} text="" />
    ) : (
      <ErrorState failure={resource.failure} onRetry={reload} />
    );
  }
  return (
    <>
      {node === undefined ? null : <Head node={node} />}
      {resource.state === 'ready' ? <Parts detail={resource.value} /> : <LoadingState rows={8} />}
    </>
  );
}

function Head({ node }: { readonly node: GraphNode }): ReactNode {
  return (
    <PanelHead
      {...(node.namespace === undefined ? {} : { over: node.namespace })}
      title={node.label.slice(0, 253)}
      tags={
        <>
          <Tag>{node.workloadKind ?? node.kind}</Tag>
          {node.kind === 'workload' ? (
            <>
              <Tag>{counted(node.pods, 'pod')}</Tag>
              <Tag tone={node.isolation === 'none' ? 'muted' : 'proposal'}>
                {words.isolation} {words.isolations[node.isolation]}
              </Tag>
            </>
          ) : null}
        </>
      }
    />
  );
}

function Parts({ detail }: { readonly detail: NodeDetail }): ReactNode {
  const all = useApp((state) => state.graph?.findingsById);
  const findings = useMemo(
    () => [...(all?.values() ?? [])].filter(({ from, to }) => from === detail.id || to === detail.id),
    [all, detail.id],
  );
  const isWorkload = detail.kind === 'workload';
  return (
    <PanelTabs
      parts={[
        { tab: 'overview', content: <Overview detail={detail} /> },
        ...(isWorkload
          ? [
              { tab: 'reach' as const, content: <ReachPanel id={detail.id} /> },
              { tab: 'policies' as const, content: <Policy detail={detail} /> },
            ]
          : []),
        {
          tab: 'findings',
          count: findings.length,
          content: <FindingCards findings={findings} empty={words.noFindings} />,
        },
      ]}
    />
  );
}

function Overview({ detail }: { readonly detail: NodeDetail }): ReactNode {
  return (
    <>
      <Section title={`${words.inbound} · ${counted(detail.inbound.length, 'edge')}`}>
        <Edges edges={detail.inbound} end="from" empty={words.noInbound} />
      </Section>
      <Section title={`${words.outbound} · ${counted(detail.outbound.length, 'edge')}`}>
        <Edges edges={detail.outbound} end="to" empty={words.noOutbound} />
      </Section>
      {detail.kind === 'workload' ? (
        <>
          <Section title={words.labels}>
            {detail.labels.length === 0 ? (
              <Muted>{words.noLabels}</Muted>
            ) : (
              <ul className={classes['labels']}>
                {detail.labels.map(({ key, value }) => (
                  <li key={key} title={`${key}=${value}`}>
                    <span>{key}</span>={value}
                  </li>
                ))}
              </ul>
            )}
          </Section>
          <Section title={words.pods}>
            <Names items={detail.podNames} max={52} />
          </Section>
        </>
      ) : (
        <Section title={words.kind}>
          <Facts rows={[[words.kind, detail.description]]} />
        </Section>
      )}
    </>
  );
}

function Edges(props: {
  readonly edges: readonly GraphEdge[];
  readonly end: 'from' | 'to';
  readonly empty: string;
}): ReactNode {
  const nodes = useApp((state) => state.graph?.nodesById);
  if (props.edges.length === 0) return <Muted>{props.empty}</Muted>;
  return <EdgeRows edges={props.edges} nameOf={(edge) => nameById(nodes ?? new Map(), edge[props.end])} />;
}

function Policy({ detail }: { readonly detail: NodeDetail }): ReactNode {
  if (detail.policyYaml === null) {
    return (
      <Section title={words.policy}>
        <Muted>{words.noPolicy}</Muted>
      </Section>
    );
  }
  return (
    <Section
      title={words.policy}
      aside={<CopyButton text={detail.policyYaml} label={pageStrings.proposals.copy} />}
    >
      <YamlView text={detail.policyYaml} label={words.policy} />
    </Section>
  );
}
