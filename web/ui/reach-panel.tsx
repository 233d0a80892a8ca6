import { Code, SegmentedControl } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Asked, Blast } from '../model/ports.ts';
import { type HopRow, hopRowsOf, type Reading, readingOf } from '../model/reach.ts';
import { AskFailure } from './ask-failure.tsx';
import { Muted, Section } from './pieces.tsx';
import { DirectReaches } from './reach-direct.tsx';
import { JewelSection } from './reach-jewel.tsx';
import classes from './reach-panel.module.css';
import { LoadingState } from './states.tsx';
import { questionStrings } from './strings-questions.ts';
import { useApp, useStore } from './use-app.ts';
import { useBlast, useWorkloadName } from './use-reach.ts';

const words = questionStrings.reach;

/** What a compromised pod of a workload reaches: now, under the proposal, and really used. */
export function ReachPanel({ id }: { readonly id: string }): ReactNode {
  const workload = useWorkloadName(id);
  if (workload === undefined) {
    return (
      <Section title={words.title}>
        <Muted>{questionStrings.why.unasked['no-name']}</Muted>
      </Section>
    );
  }
  return <Asking id={id} workload={workload} />;
}

function Asking({ id, workload }: { readonly id: string; readonly workload: string }): ReactNode {
  const { resource, reload } = useBlast(workload);
  switch (resource.state) {
    case 'loading':
      return <LoadingState rows={9} />;
    case 'failed':
      return (
        <Section title={words.title}>
          <AskFailure failure={resource.failure} onRetry={reload} />
        </Section>
      );
    default:
      return (
        <>
          <Radius id={id} asked={resource.value} />
          <DirectReaches asked={resource.value} />
          <JewelSection id={id} workload={workload} />
        </>
      );
  }
}

function Radius({ id, asked: { answer } }: { readonly id: string; readonly asked: Asked<Blast> }): ReactNode {
  const reading = readingOf(answer);
  const { now, proposal } = reading;
  const unknown = answer.workloadsWithoutKnownPort ?? 0;
  return (
    <Section title={words.title}>
      {now === undefined || proposal === undefined ? null : (
        <p className={classes['sentence']}>
          {changeWords(now.closure.workloads, proposal.closure.workloads)}
        </p>
      )}
      <HopTable blast={answer} reading={reading} />
      <OnMap id={id} reading={reading} />
      <Muted>
        {words.hint} {unknown > 0 ? words.unknownPorts(unknown) : ''}
      </Muted>
      {now?.stage === 'open' ? (
        <Muted>
          {words.noCurrent} <Code>{words.noCurrentCommand}</Code>
        </Muted>
      ) : null}
    </Section>
  );
}

const changeWords = (now: number, then: number): string =>
  then > now ? words.gains(now, then) : words.loses(now, then);

type Stage = NonNullable<Reading['now']>;

/** `any address`, `2 ranges` or `nothing`: what is reached outside in one hop. */
function outsideWords({ outside: { direct } }: Stage): string {
  if (direct.length === 0) return words.nothing;
  if (direct.some(({ anywhere }) => anywhere)) return words.anywhere;
  return words.ranges(new Set(direct.flatMap(({ ranges }) => ranges)).size);
}

function HopTable({ blast, reading }: { readonly blast: Blast; readonly reading: Reading }): ReactNode {
  const { now, proposal } = reading;
  const { used } = blast;
  const of = <T,>(value: T | undefined, text: (value: T) => string): string =>
    value === undefined ? words.unknown : text(value);
  const nodes = (stage: Stage): string => (stage.nodesAndApiServer.direct ? words.yes : words.no);
  const count = (row: HopRow, key: 'now' | 'proposal' | 'used'): string => of(row[key], String);
  return (
    <table className={classes['hops']} aria-label={words.title}>
      <thead>
        <tr>
          <th scope="col">{words.columns.hops}</th>
          <th scope="col">{now?.stage === 'open' ? words.columns.open : words.columns.now}</th>
          <th scope="col" data-tone="proposal">
            {words.columns.proposal}
          </th>
          <th scope="col">{words.columns.used}</th>
        </tr>
      </thead>
      <tbody>
        {hopRowsOf(blast).map((row) => (
          <tr key={row.hops}>
            <th scope="row">{words.rows[row.hops]}</th>
            <td>{count(row, 'now')}</td>
            <td>{count(row, 'proposal')}</td>
            <td>{count(row, 'used')}</td>
          </tr>
        ))}
        <tr>
          <th scope="row">{words.outside}</th>
          <td data-part="beyond">{of(now, outsideWords)}</td>
          <td data-part="beyond">{of(proposal, outsideWords)}</td>
          <td data-part="beyond">{of(used, ({ outside }) => words.peers(outside.length))}</td>
        </tr>
        <tr>
          <th scope="row">{words.nodes}</th>
          <td data-part="beyond">{of(now, nodes)}</td>
          <td data-part="beyond">{of(proposal, nodes)}</td>
          <td data-part="beyond">{words.unknown}</td>
        </tr>
      </tbody>
    </table>
  );
}

function OnMap({ id, reading }: { readonly id: string; readonly reading: Reading }): ReactNode {
  const store = useStore();
  const reach = useApp((state) => state.view.reach);
  const { now, proposal } = reading;
  const value = reach?.of === id ? reach.under : 'off';
  const show = (next: string): void =>
    store.look((view) => ({
      ...view,
      reach: next === 'now' || next === 'proposal' ? { of: id, under: next } : undefined,
    }));
  return (
    <div className={classes['show']}>
      <span id="reach-show">{words.show}</span>
      <SegmentedControl
        size="xs"
        aria-labelledby="reach-show"
        value={value}
        data={[
          { value: 'off', label: words.showing.off },
          { value: 'now', label: now?.stage === 'open' ? words.showing.open : words.showing.now },
          ...(proposal === undefined ? [] : [{ value: 'proposal', label: words.showing.proposal }]),
        ]}
        onChange={show}
      />
    </div>
  );
}
