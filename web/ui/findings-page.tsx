import { SegmentedControl } from '@mantine/core';
import {
  createColumnHelper,
  createSortedRowModel,
  rowSortingFeature,
  sortFns,
  tableFeatures,
  useTable,
} from '@tanstack/react-table';
import { type ReactNode, useMemo, useState } from 'react';
import type { FindingView } from '#contract/learning.ts';
import { askedBy, endedEdge } from '../model/query.ts';
import { withSelection } from '../model/view.ts';
import { FindingActions } from './finding-actions.tsx';
import { Severity } from './finding-card.tsx';
import classes from './findings-page.module.css';
import { Muted, Name, Tag, type Tone, When } from './pieces.tsx';
import { EmptyState, LoadingState } from './states.tsx';
import { pageStrings } from './strings-pages.ts';
import { useApp, useStore } from './use-app.ts';

const words = pageStrings.findings;
const SEVERITIES = ['info', 'low', 'medium', 'high'] as const;

/** Whatever left the pattern, most severe and newest first. */
export function FindingsPage(): ReactNode {
  const graph = useApp((state) => state.graph);
  const query = useApp((state) => state.view.query);
  const [isOpenOnly, setOpenOnly] = useState(true);
  const findings = useMemo(() => {
    if (graph === undefined) return [];
    const asked = askedBy(query);
    return [...graph.findingsById.values()].filter(
      (finding) =>
        (!isOpenOnly || finding.state === 'open') &&
        asked.matchesFinding(finding, endedEdge(graph, finding.edgeId)),
    );
  }, [graph, isOpenOnly, query]);
  if (graph === undefined) return <LoadingState rows={8} />;
  if (graph.findingsById.size === 0) return <EmptyState title={words.emptyTitle} text={words.empty} />;
  return (
    <div className={classes['page']}>
      <header className={classes['head']}>
        <h2>{words.title}</h2>
        <SegmentedControl
          size="xs"
          value={isOpenOnly ? 'open' : 'all'}
          onChange={(value) => setOpenOnly(value === 'open')}
          data={[
            { value: 'open', label: words.open },
            { value: 'all', label: `${words.all} ${graph.findingsById.size}` },
          ]}
        />
      </header>
      {findings.length === 0 ? (
        <EmptyState
          title={words.emptyTitle}
          text={query === '' ? words.noneOpen : pageStrings.states.noMatch}
        />
      ) : (
        <FindingTable findings={findings} now={graph.now} />
      )}
    </div>
  );
}

const features = tableFeatures({ rowSortingFeature, sortedRowModel: createSortedRowModel(), sortFns });
const column = createColumnHelper<typeof features, FindingView>();

const COLUMNS = column.columns([
  column.accessor(({ severity }) => SEVERITIES.indexOf(severity), {
    id: 'severity',
    header: words.severity,
    sortDescFirst: true,
  }),
  column.accessor('title', { id: 'finding', header: words.finding }),
  column.accessor(({ nearestKnown }) => nearestKnown ?? '', { id: 'nearest', header: words.nearest }),
  column.accessor('proposalAnswer', { id: 'answer', header: words.answer }),
  column.accessor('lastSeenAt', { id: 'seen', header: words.seen, sortDescFirst: true }),
  column.accessor('state', { id: 'state', header: words.state }),
]);

function FindingTable(props: { readonly findings: readonly FindingView[]; readonly now: number }): ReactNode {
  const table = useTable({
    features,
    columns: COLUMNS,
    data: props.findings as FindingView[], // the table never changes its data, its type only does not say so
    initialState: {
      sorting: [
        { id: 'severity', desc: true },
        { id: 'seen', desc: true },
      ],
    },
  });
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className={classes['scroll']} tabIndex={0} aria-label={words.title}>
      <table className={classes['table']}>
        <thead>
          {table.getHeaderGroups().map((group) => (
            <tr key={group.id}>
              {group.headers.map(({ id, column: header }) => {
                const sorted = header.getIsSorted();
                return (
                  <th key={id} data-column={id} aria-sort={ariaSort(sorted)}>
                    <button type="button" onClick={header.getToggleSortingHandler()}>
                      {String(header.columnDef.header)}
                      <span aria-hidden="true">{sorted === false ? '' : sorted === 'asc' ? ' ↑' : ' ↓'}</span>
                    </button>
                  </th>
                );
              })}
            </tr>
          ))}
        </thead>
        <tbody>
          {table.getRowModel().rows.map((row) => (
            <FindingRow key={row.original.id} finding={row.original} now={props.now} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function ariaSort(sorted: false | 'asc' | 'desc'): 'none' | 'ascending' | 'descending' {
  if (sorted === false) return 'none';
  return sorted === 'asc' ? 'ascending' : 'descending';
}

const ANSWER_TONES: Readonly<Record<FindingView['proposalAnswer'], Tone>> = {
  'would-block': 'ok',
  'would-admit': 'audit',
  'not-covered': 'muted',
  'no-proposal': 'muted',
};

function FindingRow({ finding, now }: { readonly finding: FindingView; readonly now: number }): ReactNode {
  const store = useStore();
  const { edgeId } = finding;
  const show = (): void => {
    if (edgeId !== null)
      store.look((view) => withSelection({ ...view, page: 'map' }, { kind: 'edge', id: edgeId }));
  };
  return (
    <tr className={classes['row']} data-testid="finding-row" onClick={show}>
      <td>
        <Severity severity={finding.severity} />
      </td>
      <td>
        {finding.title.startsWith(words.kinds[finding.kind]) ? null : (
          <p className={classes['kind']}>{words.kinds[finding.kind]}</p>
        )}
        <button
          type="button"
          className={classes['title']}
          disabled={edgeId === null}
          title={edgeId === null ? undefined : words.showOnMap}
          onClick={(event) => {
            event.stopPropagation();
            show();
          }}
        >
          {finding.title}
        </button>
        {finding.title.includes(finding.line) ? null : (
          <p className={classes['line']}>
            <Name text={finding.line} max={140} />
          </p>
        )}
        <p className={classes['why']}>{finding.explanation}</p>
      </td>
      <td className={classes['line']}>
        {finding.nearestKnown === null ? (
          <Muted>{words.noNearest}</Muted>
        ) : (
          <Name text={finding.nearestKnown} max={140} />
        )}
      </td>
      <td>
        <Tag tone={ANSWER_TONES[finding.proposalAnswer]}>{words.answers[finding.proposalAnswer]}</Tag>
      </td>
      <td className={classes['seen']}>
        <When at={finding.lastSeenAt} now={now} />
        <Muted>{words.conversations(finding.conversations)}</Muted>
      </td>
      <td>
        <FindingActions finding={finding} />
      </td>
    </tr>
  );
}
