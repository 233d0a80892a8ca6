import { Button } from '@mantine/core';
import { type ReactNode, useMemo } from 'react';
import type { GraphEdge } from '#contract/graph.ts';
import { counted, shortCount } from '../model/format.ts';
import { withSelection, withToggled } from '../model/view.ts';
import classes from './group-panel.module.css';
import { PanelHead } from './panel-frame.tsx';
import { Figures, Muted, Name, Section, Tag } from './pieces.tsx';
import { strings } from './strings.ts';
import { pageStrings } from './strings-pages.ts';
import { useApp, useStore } from './use-app.ts';
import { groupName } from './words.ts';

const words = pageStrings.group;
const LISTED = 400;

/** A namespace, or one of the places outside: what is in it and how much crosses its border. */
export function GroupPanel({ id }: { readonly id: string }): ReactNode {
  const store = useStore();
  const membership = useApp((state) => state.scene?.membership);
  const graph = useApp((state) => state.graph);
  const isOpen = useApp((state) => state.view.expanded.has(id));
  const group = membership?.groups.get(id);
  const crossing = useMemo(
    () => crossingOf(graph?.edgesById.values() ?? [], membership?.groupOfNode ?? new Map(), id),
    [graph, membership, id],
  );
  if (membership === undefined || group === undefined) return <Muted>{pageStrings.vertex.gone}</Muted>;
  const members = membership.membersOf.get(id) ?? [];
  const name = groupName(group);
  return (
    <>
      <PanelHead
        {...(group.kind === 'namespace' ? { over: pageStrings.vertex.namespace } : {})}
        title={name}
        tags={<Tag>{counted(members.length, group.kind === 'namespace' ? 'workload' : 'peer')}</Tag>}
      />
      <div className={classes['actions']}>
        <Button size="xs" variant="default" onClick={() => store.look((view) => withToggled(view, id))}>
          {isOpen ? strings.map.closeGroup(name) : strings.map.openGroup(name)}
        </Button>
        {group.kind === 'namespace' ? (
          <Button
            size="xs"
            variant="default"
            onClick={() => store.look((view) => ({ ...view, query: `ns:${name}` }))}
          >
            {words.filter}
          </Button>
        ) : null}
      </div>
      <div className={classes['body']}>
        <Section title={words.edges}>
          <Figures
            columns={3}
            items={[
              { label: words.inside, value: shortCount(crossing.inside) },
              { label: pageStrings.vertex.inbound, value: shortCount(crossing.inbound) },
              { label: pageStrings.vertex.outbound, value: shortCount(crossing.outbound) },
            ]}
          />
        </Section>
        <Section title={words.members}>
          <ul className={classes['members']}>
            {members.slice(0, LISTED).map((node) => (
              <li key={node.id}>
                <button
                  type="button"
                  onClick={() => store.look((view) => withSelection(view, { kind: 'vertex', id: node.id }))}
                >
                  <Name text={node.label} max={40} />
                  <span className={classes['memberKind']}>{node.workloadKind ?? node.kind}</span>
                </button>
              </li>
            ))}
          </ul>
          {members.length > LISTED ? <Muted>{strings.map.rest(members.length - LISTED)}</Muted> : null}
        </Section>
      </div>
    </>
  );
}

interface Crossing {
  inside: number;
  inbound: number;
  outbound: number;
}

function crossingOf(
  edges: Iterable<GraphEdge>,
  groupOfNode: ReadonlyMap<string, string>,
  id: string,
): Readonly<Crossing> {
  const counts: Crossing = { inside: 0, inbound: 0, outbound: 0 };
  for (const edge of edges) {
    const isFrom = groupOfNode.get(edge.from) === id;
    const isTo = groupOfNode.get(edge.to) === id;
    if (isFrom && isTo) counts.inside += 1;
    else if (isFrom) counts.outbound += 1;
    else if (isTo) counts.inbound += 1;
  }
  return counts;
}
