import { type ReactNode, useMemo } from 'react';
import { lineId } from '../model/picture.ts';
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
  const nodes = useApp((state) => state.graph?.nodesById);
  const line = scene?.picture.lines.find(({ id }) => id === lineId(from, to));
  const edges = useMemo(
    () =>
      [...(line?.edges ?? [])].sort(
        (a, b) => b.denied - a.denied || b.ratePerMinute - a.ratePerMinute || a.id - b.id,
      ),
    [line],
  );
  if (scene === undefined || nodes === undefined || line === undefined) {
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
        sentence={trafficWords(line.sums)}
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
