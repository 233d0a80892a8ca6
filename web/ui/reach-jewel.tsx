import { Autocomplete, Button } from '@mantine/core';
import { type ReactNode, useId, useMemo, useState } from 'react';
import { sortedText } from '#core/order.ts';
import { withoutKind, workloadText } from '../model/asked-ends.ts';
import type { Blast } from '../model/ports.ts';
import { type Reading, readingOf } from '../model/reach.ts';
import { AskFailure } from './ask-failure.tsx';
import { Muted, Name, Section, Tag } from './pieces.tsx';
import classes from './reach-panel.module.css';
import { LoadingState } from './states.tsx';
import { questionStrings } from './strings-questions.ts';
import { useApp, useStore } from './use-app.ts';
import { useBlast } from './use-reach.ts';

const words = questionStrings.reach;

/** Names that are offered while one types. */
const OFFERED = 8;

type Stage = NonNullable<Reading['now']>;
type Step = Stage['crownJewels'][number]['path'][number];

/** The shortest path from the workload to something that must not fall. */
export function JewelSection(props: { readonly id: string; readonly workload: string }): ReactNode {
  const jewel = useApp((state) => state.view.jewel);
  return (
    <Section title={words.jewel}>
      <JewelForm key={jewel} id={props.id} />
      {jewel === '' ? <Muted>{words.jewelHint}</Muted> : <Paths workload={props.workload} jewel={jewel} />}
    </Section>
  );
}

function JewelForm({ id }: { readonly id: string }): ReactNode {
  const store = useStore();
  const form = useId();
  const jewel = useApp((state) => state.view.jewel);
  const nodes = useApp((state) => state.graph?.nodesById);
  const [text, setText] = useState(jewel);
  const names = useMemo(() => {
    const others = [...(nodes?.values() ?? [])].filter((node) => node.id !== id);
    return sortedText(new Set(others.flatMap((node) => workloadText(node) ?? [])));
  }, [nodes, id]);
  const ask = (wanted: string): void => store.look((view) => ({ ...view, jewel: wanted.trim() }));
  return (
    <form
      id={form}
      className={classes['form']}
      onSubmit={(event) => {
        event.preventDefault();
        ask(text);
      }}
    >
      <Autocomplete
        size="xs"
        aria-label={words.jewelLabel}
        placeholder="data/orders-db"
        value={text}
        maxLength={512}
        spellCheck={false}
        data={names}
        limit={OFFERED}
        onChange={setText}
        onOptionSubmit={ask}
      />
      <Button type="submit" size="xs" variant="default">
        {words.find}
      </Button>
    </form>
  );
}

function Paths({ workload, jewel }: { readonly workload: string; readonly jewel: string }): ReactNode {
  const { resource, reload } = useBlast(workload, jewel);
  if (resource.state === 'loading') return <LoadingState rows={3} />;
  if (resource.state === 'failed') {
    const { failure } = resource;
    const isUnknown = failure.code === 'problem' && failure.problem.code === 'end_unknown';
    if (!isUnknown) return <AskFailure failure={failure} onRetry={reload} />;
    return (
      <p role="alert" className={classes['unknown']}>
        {words.jewelUnknown}
      </p>
    );
  }
  return <Stages blast={resource.value.answer} />;
}

function Stages({ blast }: { readonly blast: Blast }): ReactNode {
  const { now, proposal } = readingOf(blast);
  const stages = [proposal, now].filter((stage): stage is Stage => stage !== undefined);
  return (
    <div role="status">
      {stages.map((stage) => (
        <div key={stage.stage}>
          {stage.crownJewels.map(({ jewel, reached, path }, index) => (
            <div key={jewel} className={classes['path']}>
              <p>
                <span>{words.columns[stage.stage === 'current' ? 'now' : stage.stage]}</span>{' '}
                <Tag tone={reached ? 'denied' : 'ok'}>
                  {reached ? words.isReached(path.length) : words.notReached}
                </Tag>{' '}
                <span className={classes['jewel']}>
                  <Name text={withoutKind(jewel)} max={34} />
                </span>
              </p>
              <Path path={path} isSaid={stage === now && isSame(path, proposal?.crownJewels[index]?.path)} />
            </div>
          ))}
        </div>
      ))}
    </div>
  );
}

const waysOf = (path: readonly Step[]): string =>
  JSON.stringify(path.map(({ from, to, protocol, port }) => [from, to, protocol, port]));

const isSame = (path: readonly Step[], other: readonly Step[] | undefined): boolean =>
  other !== undefined && waysOf(path) === waysOf(other);

function Path({ path, isSaid }: { readonly path: readonly Step[]; readonly isSaid: boolean }): ReactNode {
  if (path.length === 0) return null;
  if (isSaid) return <Muted>{words.samePath}</Muted>;
  return (
    <ol>
      {path.map((step) => (
        <StepItem key={`${step.from} ${step.to}`} step={step} />
      ))}
    </ol>
  );
}

function StepItem({ step }: { readonly step: Step }): ReactNode {
  const rules = step.allowedBy.map(({ policy, direction, rule }) => `${policy} ${direction}[${rule}]`);
  return (
    <li>
      <Name text={withoutKind(step.from)} max={26} /> <span aria-hidden="true">→</span>
      <span className="bh-hidden"> to </span> <Name text={withoutKind(step.to)} max={26} />{' '}
      <span className={classes['ports']}>
        {step.protocol} {step.port}
      </span>
      <span className={classes['rules']}>
        {rules.length === 0 ? words.openStep : rules.join(' · ')}
        {step.confirmed ? '' : ` ${words.unconfirmed}`}
      </span>
    </li>
  );
}
