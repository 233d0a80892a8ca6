import { type ReactNode, useMemo, useState } from 'react';
import { cellStrength, type Matrix, type MatrixEnd, matrixOf } from '../model/matrix.ts';
import { type DrawnLine, lineId } from '../model/picture.ts';
import type { Scene } from '../model/scene.ts';
import { type Selection, withSelection, withToggled } from '../model/view.ts';
import classes from './matrix-view.module.css';
import { Name } from './pieces.tsx';
import { EmptyState } from './states.tsx';
import { formStrings } from './strings-forms.ts';
import { pageStrings } from './strings-pages.ts';
import { useApp, useStore } from './use-app.ts';
import { endName, linePorts, trafficWords } from './words.ts';

const words = formStrings.matrix;

/** The row and column under the pointer. */
type Pointed = { readonly from: string; readonly to: string } | undefined;

/** Who talks to whom as a matrix: clients down, servers across. */
export function MatrixView(): ReactNode {
  const scene = useApp((state) => state.scene);
  const matrix = useMemo(() => (scene === undefined ? undefined : matrixOf(scene.picture)), [scene]);
  if (scene === undefined || matrix === undefined) return null;
  if (matrix.cells.size === 0) return <EmptyState title={words.title} text={pageStrings.states.noMatch} />;
  return <Grid scene={scene} matrix={matrix} />;
}

function Grid({ scene, matrix }: { readonly scene: Scene; readonly matrix: Matrix }): ReactNode {
  const nodes = useApp((state) => state.graph?.nodesById);
  const [pointed, setPointed] = useState<Pointed>();
  if (nodes === undefined) return null;
  const nameOf = (id: string): string => endName(id, scene.membership, nodes);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className={classes['scroll']} tabIndex={0} aria-label={words.title}>
      <table className={classes['matrix']}>
        <thead>
          <tr>
            <th scope="col" className={classes['corner']}>
              {words.corner}
            </th>
            {matrix.ends.map((end) => (
              <th key={end.id} scope="col" data-pointed={pointed?.to === end.id} data-group={end.group}>
                <EndButton end={end} name={nameOf(end.id)} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {matrix.ends.map((from) => (
            <tr key={from.id}>
              <th scope="row" data-pointed={pointed?.from === from.id}>
                <EndButton end={from} name={nameOf(from.id)} />
              </th>
              {matrix.ends.map((to) => (
                <td key={to.id} data-own={from.group === to.group}>
                  {from === to && from.inside > 0 ? <Inside end={from} name={nameOf(from.id)} /> : null}
                  <Cell
                    line={matrix.cells.get(lineId(from.id, to.id))}
                    mostRate={matrix.mostRate}
                    name={`${nameOf(from.id)} → ${nameOf(to.id)}`}
                    onPoint={(isIn) => setPointed(isIn ? { from: from.id, to: to.id } : undefined)}
                  />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** A closed namespace opens; a workload is selected. */
function EndButton({ end, name }: { readonly end: MatrixEnd; readonly name: string }): ReactNode {
  const store = useStore();
  const open = (): void =>
    store.look((view) =>
      end.isGroup ? withToggled(view, end.group) : withSelection(view, { kind: 'vertex', id: end.id }),
    );
  return (
    <button type="button" className={classes['end']} data-is-group={end.isGroup} onClick={open}>
      <Name text={name} max={26} />
    </button>
  );
}

/** On the diagonal: what stays within a closed namespace. */
function Inside({ end, name }: { readonly end: MatrixEnd; readonly name: string }): ReactNode {
  const store = useStore();
  const says = words.inside(end.inside, name);
  return (
    <button
      type="button"
      className={classes['inside']}
      aria-label={says}
      title={says}
      onClick={() => store.look((view) => withToggled(view, end.group))}
    >
      {end.inside}
    </button>
  );
}

function selectionOf(line: DrawnLine): Selection {
  const [first] = line.edges;
  return line.edges.length === 1 && first !== undefined
    ? { kind: 'edge', id: first.id }
    : { kind: 'line', from: line.from, to: line.to };
}

function Cell(props: {
  readonly line: DrawnLine | undefined;
  readonly mostRate: number;
  readonly name: string;
  readonly onPoint: (isIn: boolean) => void;
}): ReactNode {
  const { line, mostRate, name, onPoint } = props;
  const store = useStore();
  if (line === undefined) return null;
  const says = `${name}: ${linePorts(line)}, ${trafficWords(line.sums)}`;
  return (
    <button
      type="button"
      className={classes['cell']}
      data-meaning={line.meaning}
      data-new={line.sums.newEdges > 0}
      data-dim={line.isDim}
      aria-pressed={line.isSelected}
      aria-label={says}
      title={says}
      data-testid={`cell-${line.id}`}
      onMouseEnter={() => onPoint(true)}
      onMouseLeave={() => onPoint(false)}
      onFocus={() => onPoint(true)}
      onBlur={() => onPoint(false)}
      onClick={() => store.look((view) => withSelection(view, selectionOf(line)))}
    >
      <span style={{ opacity: cellStrength(line.sums.ratePerMinute, mostRate) }} />
    </button>
  );
}
