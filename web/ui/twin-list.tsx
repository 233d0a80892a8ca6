import { memo, type ReactNode, useMemo } from 'react';
import type { DrawnGroup, DrawnLine, DrawnVertex } from '../model/picture.ts';
import { type Selection, withSelection, withToggled } from '../model/view.ts';
import { Icon } from './icons.tsx';
import { Name } from './pieces.tsx';
import { strings } from './strings.ts';
import classes from './twin-list.module.css';
import { useApp, useStore } from './use-app.ts';
import { endName, groupName, linePorts, vertexName } from './words.ts';

const words = strings.map;

/** The map as lists of buttons: for screen readers and keyboards always there, for eyes when opened. */
export function TwinList(): ReactNode {
  const isOpen = useApp((state) => state.view.isListOpen);
  return (
    <nav
      className={isOpen ? classes['open'] : classes['closed']}
      aria-label={words.listTitle}
      data-testid="twin"
    >
      <Vertices />
      <Lines />
    </nav>
  );
}

function Vertices(): ReactNode {
  const store = useStore();
  const picture = useApp((state) => state.scene?.picture);
  const byGroup = useMemo(() => {
    const lists = new Map<string, DrawnVertex[]>();
    for (const vertex of picture?.vertices ?? []) {
      lists.set(vertex.group, [...(lists.get(vertex.group) ?? []), vertex]);
    }
    return lists;
  }, [picture]);
  const select = (selection: Selection): void => store.look((view) => withSelection(view, selection));
  return (
    <>
      <h2 className={classes['title']}>{words.listVertices}</h2>
      <ul className={classes['list']}>
        {(picture?.groups ?? []).map((drawn) => (
          <li key={drawn.group.id}>
            <GroupRow
              drawn={drawn}
              onToggle={() => store.look((view) => withToggled(view, drawn.group.id))}
            />
            {drawn.isOpen ? (
              <ul className={classes['inner']}>
                {(byGroup.get(drawn.group.id) ?? []).map((vertex) => (
                  <li key={vertex.id}>
                    <VertexRow
                      vertex={vertex}
                      onSelect={() =>
                        select(
                          vertex.node === undefined
                            ? { kind: 'group', id: vertex.group }
                            : { kind: 'vertex', id: vertex.id },
                        )
                      }
                    />
                  </li>
                ))}
              </ul>
            ) : null}
          </li>
        ))}
      </ul>
    </>
  );
}

function GroupRow({
  drawn,
  onToggle,
}: {
  readonly drawn: DrawnGroup;
  readonly onToggle: () => void;
}): ReactNode {
  const noun = drawn.group.kind === 'namespace' ? 'workload' : 'peer';
  return (
    <button
      type="button"
      className={classes['group']}
      data-testid={`node-${drawn.group.id}`}
      data-open={drawn.isOpen}
      aria-expanded={drawn.isOpen}
      onClick={onToggle}
    >
      <Icon name="chevron" size={14} />
      <Name text={groupName(drawn.group)} max={28} />{' '}
      <span className={classes['count']}>
        {drawn.members} <span className="bh-hidden">{drawn.members === 1 ? noun : `${noun}s`}</span>
      </span>
    </button>
  );
}

function VertexRow({
  vertex,
  onSelect,
}: {
  readonly vertex: DrawnVertex;
  readonly onSelect: () => void;
}): ReactNode {
  return (
    <button
      type="button"
      className={classes['row']}
      data-testid={`node-${vertex.id}`}
      data-dim={vertex.isDim}
      aria-current={vertex.isSelected}
      onClick={onSelect}
    >
      <Name text={vertexName(vertex)} max={30} />{' '}
      {vertex.findings > 0 ? (
        <span className={classes['finding']}>
          {vertex.findings}{' '}
          <span className="bh-hidden">{vertex.findings === 1 ? 'open finding' : 'open findings'}</span>
        </span>
      ) : null}
    </button>
  );
}

function Lines(): ReactNode {
  const store = useStore();
  const scene = useApp((state) => state.scene);
  const nodes = useApp((state) => state.graph?.nodesById);
  if (scene === undefined || nodes === undefined) return null;
  const lines = scene.picture.lines.filter((line) => !line.isDim);
  return (
    <>
      <h2 className={classes['title']}>{words.listLines}</h2>
      <ul className={classes['list']}>
        {lines.map((line) => (
          <li key={line.id}>
            <LineRow
              line={line}
              from={endName(line.from, scene.membership, nodes)}
              to={endName(line.to, scene.membership, nodes)}
              onSelect={store.look}
            />
          </li>
        ))}
      </ul>
    </>
  );
}

interface LineRowProps {
  readonly line: DrawnLine;
  readonly from: string;
  readonly to: string;
  readonly onSelect: ReturnType<typeof useStore>['look'];
}

const LineRow = memo(
  function LineRow({ line, from, to, onSelect }: LineRowProps): ReactNode {
    const [first] = line.edges;
    const selection: Selection =
      line.edges.length === 1 && first !== undefined
        ? { kind: 'edge', id: first.id }
        : { kind: 'line', from: line.from, to: line.to };
    const state = [line.meaning === 'forwarded' ? '' : strings.meaning[line.meaning]]
      .concat(line.sums.newEdges > 0 ? [strings.meaning.new] : [])
      .filter((text) => text !== '');
    return (
      <button
        type="button"
        className={classes['row']}
        data-testid={line.edges.length === 1 ? `edge-${first?.id}` : `line-${line.id}`}
        data-meaning={line.meaning}
        aria-current={line.isSelected}
        onClick={() => onSelect((view) => withSelection(view, selection))}
      >
        <span className={classes['ends']}>
          <Name text={from} max={26} /> <span aria-hidden="true">→</span>
          <span className="bh-hidden"> to </span> <Name text={to} max={26} />
        </span>
        <span className={classes['meta']}>
          {linePorts(line)}
          {state.length > 0 ? ` · ${state.join(' · ')}` : ''}
        </span>
      </button>
    );
  },
  (a, b) => a.from === b.from && a.to === b.to && isSameRow(a.line, b.line),
);

const isSameRow = (a: DrawnLine, b: DrawnLine): boolean =>
  a.id === b.id &&
  a.meaning === b.meaning &&
  a.isSelected === b.isSelected &&
  a.edges.length === b.edges.length &&
  a.sums.newEdges === b.sums.newEdges;
