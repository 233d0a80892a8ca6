import { type ReactNode, useMemo } from 'react';
import { lineSums } from '../model/meaning.ts';
import { lineId } from '../model/picture.ts';
import { edgesBetween } from '../model/sankey.ts';
import { EdgeRows } from './edge-row.tsx';
import classes from './group-panel.module.css';
import { PanelHead } from './panel-frame.tsx';
import { Muted, Name, Section } from './pieces.tsx';
import { strings } from './strings.ts';
import { pageStrings } from './strings-pages.ts';
import { useApp } from './use-app.ts';
import { endName, nameById, trafficWords } from './words.ts';

const words = pageStrings.line;

/** The edges behind a line that stands for several. */
export function LinePanel({ from, to }: { readonly from: string; readonly to: string }): ReactNode {
  const scene = useApp((state) => state.scene);
  const graph = useApp((state) => state.graph);
  const nodes = graph?.nodesById;
  const line = scene?.picture.lines.find(({ id }) => id === lineId(from, to));
  const edges = useMemo(
    () =>
      [...(line?.edges ?? edgesBetween(graph, scene?.membership, { from, to }))].sort(
        (a, b) => b.denied - a.denied || b.ratePerMinute - a.ratePerMinute || a.id - b.id,
      ),
    [line, graph, scene, from, to],
  );
  if (scene === undefined || nodes === undefined || edges.length === 0) {
    return <PanelHead title={strings.edge.gone} />;
  }
  const [start, end] = [from, to].map((id) => endName(id, scene.membership, nodes));
  return (
    <>
      <PanelHead
        over={words.title(edges.length)}
        title={
          <>
            <Name text={start ?? ''} max={44} /> <span aria-hidden="true">→</span>
            <span className="bh-hidden"> to </span> <Name text={end ?? ''} max={44} />
          </>
        }
        sentence={trafficWords(lineSums(edges))}
      />
      <div className={classes['body']}>
        <Section title={pageStrings.group.edges}>
          <Muted>{words.hint}</Muted>
          <EdgeRows
            edges={edges}
            nameOf={(edge) => `${nameById(nodes, edge.from)} → ${nameById(nodes, edge.to)}`}
          />
        </Section>
      </div>
    </>
  );
}
