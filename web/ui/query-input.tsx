import { ActionIcon, Autocomplete, Kbd } from '@mantine/core';
import { type ReactNode, useMemo, useState } from 'react';
import { type Completion, completionsAt } from '#core/query/complete-query.ts';
import type { QueryFault } from '#core/query/query.ts';
import { askedBy } from '../model/query.ts';
import { vocabularyOf } from '../model/vocabulary.ts';
import { Icon } from './icons.tsx';
import classes from './query-input.module.css';
import { strings } from './strings.ts';
import { useApp, useStore } from './use-app.ts';

const words = strings.top;

const completed = (query: string, { text, start, end }: Completion): string =>
  `${query.slice(0, start)}${text}${query.slice(end)}`;

/** The query bar: completes what is being written, and says of what it can not read where and why. */
export function QueryInput(): ReactNode {
  const store = useStore();
  const query = useApp((state) => state.view.query);
  const graph = useApp((state) => state.graph);
  const [isFocused, setFocused] = useState(false);
  const vocabulary = useMemo(
    () => (graph === undefined || !isFocused ? {} : vocabularyOf(graph)),
    [graph, isFocused],
  );
  const completions = useMemo(
    () =>
      new Map(
        completionsAt(query, query.length, vocabulary).map((each) => [completed(query, each), each.text]),
      ),
    [query, vocabulary],
  );
  const fault = useMemo(() => askedBy(query).fault, [query]);
  const ask = (text: string): void => store.look((view) => ({ ...view, query: text }));
  return (
    <div className={classes['query']}>
      <Autocomplete
        size="sm"
        id="query"
        type="search"
        aria-label={words.query}
        error={fault !== undefined}
        placeholder={words.placeholder}
        value={query}
        spellCheck={false}
        data={[...completions.keys()]}
        comboboxProps={{ withinPortal: false }}
        filter={({ options }) => options}
        renderOption={({ option }) => completions.get(option.value) ?? option.value}
        leftSection={<Icon name="search" size={16} />}
        rightSection={query === '' ? <Kbd size="xs">/</Kbd> : <ClearButton onClick={() => ask('')} />}
        onChange={ask}
        onFocus={() => setFocused(true)}
        onBlur={() => setFocused(false)}
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return;
          event.currentTarget.blur();
          event.preventDefault();
          event.stopPropagation();
        }}
      />
      <FaultLine query={query} fault={fault} />
    </div>
  );
}

function ClearButton({ onClick }: { readonly onClick: () => void }): ReactNode {
  return (
    <ActionIcon size="sm" aria-label={words.clear} onClick={onClick}>
      <Icon name="close" size={14} />
    </ActionIcon>
  );
}

/** The query again with the faulty characters marked, and what to write instead. */
function FaultLine(props: { readonly query: string; readonly fault: QueryFault | undefined }): ReactNode {
  const { query, fault } = props;
  return (
    <div role="status" className={fault === undefined ? 'bh-hidden' : classes['fault']}>
      {fault === undefined ? null : (
        <>
          <code>
            {query.slice(0, fault.start)}
            <mark>{query.slice(fault.start, fault.end) || ' '}</mark>
            {query.slice(fault.end)}
          </code>
          <span>{fault.message}</span>
        </>
      )}
    </div>
  );
}
