import {
  createColumnHelper,
  createSortedRowModel,
  rowSortingFeature,
  sortFns,
  tableFeatures,
  useTable,
} from '@tanstack/react-table';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, useMemo, useRef } from 'react';
import { type EdgeTableRow, edgeRowsOf } from '../model/edge-rows.ts';
import { groupedDigits, portName, rate } from '../model/format.ts';
import { withSelection } from '../model/view.ts';
import { EdgeTags } from './edge-row.tsx';
import classes from './edge-table.module.css';
import { Name, When } from './pieces.tsx';
import { EmptyState } from './states.tsx';
import { sightOf } from './store.ts';
import { formStrings } from './strings-forms.ts';
import { pageStrings } from './strings-pages.ts';
import { useApp, useStore } from './use-app.ts';

const words = formStrings.table;

const features = tableFeatures({ rowSortingFeature, sortedRowModel: createSortedRowModel(), sortFns });
const column = createColumnHelper<typeof features, EdgeTableRow>();

const COLUMNS = column.columns([
  column.accessor('from', { id: 'from', header: words.from }),
  column.accessor('to', { id: 'to', header: words.to }),
  column.accessor(({ edge }) => (typeof edge.port === 'number' ? edge.port : -1), {
    id: 'port',
    header: words.port,
  }),
  column.accessor(({ edge }) => edge.conversations, {
    id: 'conversations',
    header: words.conversations,
    sortDescFirst: true,
  }),
  column.accessor(({ edge }) => edge.denied, { id: 'denied', header: words.denied, sortDescFirst: true }),
  column.accessor(({ edge }) => edge.ratePerMinute, { id: 'rate', header: words.rate, sortDescFirst: true }),
  column.accessor(({ edge }) => edge.lastSeenAt, { id: 'seen', header: words.seen, sortDescFirst: true }),
  column.accessor(({ edge }) => edge.state, { id: 'state', header: words.state }),
]);

const ROW_PX = 33;

/** Rows drawn beyond what is seen, so that scrolling does not run into the white. */
const OVERSCAN = 12;

/** Every edge as a row: the same filters, selection and numbers as on the map. */
export function EdgeTable(): ReactNode {
  const graph = useApp((state) => state.graph);
  const view = useApp((state) => state.view);
  const reached = useApp((state) => state.reached);
  const rows = useMemo(
    () => (graph === undefined ? [] : edgeRowsOf(graph, sightOf({ view, reached }))),
    [graph, view, reached],
  );
  if (graph === undefined) return null;
  if (rows.length === 0) return <EmptyState title={words.title} text={pageStrings.states.noMatch} />;
  return <SortedTable rows={rows} now={graph.now} />;
}

function SortedTable({
  rows,
  now,
}: {
  readonly rows: readonly EdgeTableRow[];
  readonly now: number;
}): ReactNode {
  const scroll = useRef<HTMLElement>(null);
  const table = useTable({
    features,
    columns: COLUMNS,
    data: rows as EdgeTableRow[], // the table never changes its data, its type only does not say so
    initialState: { sorting: [{ id: 'conversations', desc: true }] },
  });
  const sorted = table.getRowModel().rows;
  const virtual = useVirtualizer({
    count: sorted.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => ROW_PX,
    overscan: OVERSCAN,
  });
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section ref={scroll} className={classes['scroll']} tabIndex={0} aria-label={words.title}>
      <table className={classes['table']} aria-rowcount={sorted.length + 1}>
        <thead>
          {table.getHeaderGroups().map((group) => (
            <tr key={group.id} aria-rowindex={1}>
              {group.headers.map(({ id, column: header }) => (
                <HeadCell
                  key={id}
                  id={id}
                  name={String(header.columnDef.header)}
                  sorted={header.getIsSorted()}
                  onSort={header.getToggleSortingHandler()}
                />
              ))}
            </tr>
          ))}
        </thead>
        <tbody style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map(({ index, start }) => {
            const row = sorted[index]?.original;
            return row === undefined ? null : (
              <Row key={row.edge.id} row={row} now={now} index={index} start={start} />
            );
          })}
        </tbody>
      </table>
    </section>
  );
}

function HeadCell(props: {
  readonly id: string;
  readonly name: string;
  readonly sorted: false | 'asc' | 'desc';
  readonly onSort: ((event: unknown) => void) | undefined;
}): ReactNode {
  const { id, name, sorted, onSort } = props;
  const direction = sorted === false ? 'none' : sorted === 'asc' ? 'ascending' : 'descending';
  return (
    <th data-column={id} aria-sort={direction}>
      <button type="button" onClick={onSort}>
        {name}
        <span aria-hidden="true">{sorted === false ? '' : sorted === 'asc' ? ' ↑' : ' ↓'}</span>
      </button>
    </th>
  );
}

interface RowProps {
  readonly row: EdgeTableRow;
  readonly now: number;
  readonly index: number;
  readonly start: number;
}

function Row({ row, now, index, start }: RowProps): ReactNode {
  const store = useStore();
  const { edge, from, to } = row;
  const isSelected = useApp(({ view }) => view.selection?.kind === 'edge' && view.selection.id === edge.id);
  const select = (): void => store.look((view) => withSelection(view, { kind: 'edge', id: edge.id }));
  return (
    <tr
      className={classes['row']}
      aria-rowindex={index + 2}
      aria-selected={isSelected}
      style={{ transform: `translateY(${start}px)` }}
      data-testid={`table-row-${edge.id}`}
      onClick={select}
    >
      <td data-column="from">
        <button type="button" className={classes['open']} onClick={select}>
          <Name text={from} max={38} />
        </button>
      </td>
      <td data-column="to">
        <Name text={to} max={38} />
      </td>
      <td data-column="port">{portName(edge)}</td>
      <td data-column="conversations">{groupedDigits(edge.conversations)}</td>
      <td data-column="denied">{edge.denied === 0 ? '' : groupedDigits(edge.denied)}</td>
      <td data-column="rate">{rate(edge.ratePerMinute)}</td>
      <td data-column="seen">
        <When at={edge.lastSeenAt} now={now} />
      </td>
      <td data-column="state">
        <EdgeTags edge={edge} />
      </td>
    </tr>
  );
}
