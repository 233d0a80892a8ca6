import { Popover, UnstyledButton } from '@mantine/core';
import { type ReactNode, useEffect, useState } from 'react';
import type { Trust } from '#contract/graph.ts';
import { absoluteTime, duration, percent, shortCount } from '../model/format.ts';
import { Icon } from './icons.tsx';
import type { Link } from './store.ts';
import { strings } from './strings.ts';
import classes from './trust-strip.module.css';
import { useApp } from './use-app.ts';

const words = strings.trust;

/** How far the data can be trusted; amber when a number should make one doubt. */
export function TrustStrip(): ReactNode {
  const graph = useApp((state) => state.graph);
  return (
    <section className={classes['strip']} aria-label={words.label} data-testid="trust">
      <LinkState />
      {graph === undefined ? null : (
        <>
          <span className={classes['title']} title={graph.title.slice(0, 253)}>
            {graph.title.slice(0, 60)}
          </span>
          {graph.span === null ? null : (
            <span className={classes['clock']} title={`${words.clock}: ${absoluteTime(graph.now)}`}>
              {absoluteTime(graph.now).slice(5, 16)} UTC
            </span>
          )}
          <span className={classes['rule']} />
          {figures(graph.trust).map((figure) => (
            <Figure key={figure.name} {...figure} />
          ))}
          <Doubts doubts={graph.trust.doubts} />
        </>
      )}
    </section>
  );
}

interface FigureProps {
  readonly name: string;
  readonly value: string;
  readonly isDoubtful: boolean;
  readonly hint?: string;
}

function figures(trust: Trust): readonly FigureProps[] {
  const { hints } = words;
  const rare = [
    {
      name: words.silentNodes(trust.silentNodes.length),
      count: trust.silentNodes.length,
      hint: `${hints.silentNodes} ${trust.silentNodes.join(', ')}`,
    },
    { name: words.conflicts, count: trust.directionConflicts, hint: hints.conflicts },
    { name: words.closedEarly, count: trust.closedEarly, hint: hints.closedEarly },
  ].filter(({ count }) => count > 0);
  return [
    { name: words.sources(trust.sources), value: shortCount(trust.sources), isDoubtful: trust.sources === 0 },
    { name: words.flows, value: shortCount(trust.flows), isDoubtful: false },
    { name: words.conversations, value: shortCount(trust.conversations), isDoubtful: false },
    {
      name: words.undecided,
      value: percent(trust.undecidedShare),
      isDoubtful: trust.undecidedShare > 0.01,
      hint: hints.undecided,
    },
    {
      name: words.unresolved,
      value: shortCount(trust.unresolved),
      isDoubtful: trust.unresolved > 0,
      hint: hints.unresolved,
    },
    {
      name: words.lostEvents,
      value: digits(trust.lostEvents),
      isDoubtful: trust.lostEvents !== '0',
      hint: hints.lostEvents,
    },
    {
      name: words.badLines,
      value: shortCount(trust.badLines),
      isDoubtful: trust.badLines > 0,
      hint: hints.badLines,
    },
    ...rare.map(({ name, count, hint }) => ({ name, value: shortCount(count), isDoubtful: true, hint })),
  ];
}

/** Decimal text that may be longer than a number holds: short ones as a count, others as they are. */
const digits = (text: string): string => (text.length < 16 ? shortCount(Number(text)) : text);

function Figure({ name, value, isDoubtful, hint }: FigureProps): ReactNode {
  return (
    <span className={classes['figure']} data-doubtful={isDoubtful} title={hint}>
      <b>{value}</b> {name}
    </span>
  );
}

function LinkState(): ReactNode {
  const link = useApp((state) => state.link);
  const isPaused = useApp((state) => state.isPaused);
  const mode = useApp((state) => state.graph?.mode);
  const age = useAge(link);
  const state = link.state === 'live' && isPaused ? 'paused' : link.state;
  const live = mode === 'file' ? words.recording : words.live;
  const text = { connecting: words.connecting, live, lost: words.lost, paused: words.paused }[state];
  return (
    <span className={classes['link']} data-state={state} role="status">
      <span className={classes['dot']} aria-hidden="true" />
      {text}
      {age === undefined ? null : ` · ${strings.map.age(age)}`}
    </span>
  );
}

/** How old the picture is since the line went down; counts on by itself. */
export function useAge(link: Link): string | undefined {
  const [now, setNow] = useState(() => Date.now());
  const isLost = link.state === 'lost';
  useEffect(() => {
    if (!isLost) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [isLost]);
  return link.state === 'lost' ? duration(Math.max(now - link.sinceMs, 0)) : undefined;
}

function Doubts({ doubts }: { readonly doubts: readonly string[] }): ReactNode {
  if (doubts.length === 0) return null;
  return (
    <Popover position="bottom-end" width={420} shadow="md" withArrow>
      <Popover.Target>
        <UnstyledButton className={classes['doubts'] ?? ''}>
          <Icon name="warning" size={14} /> {words.doubts(doubts.length)}
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown>
        <ul className={classes['doubtList']}>
          {doubts.map((doubt) => (
            <li key={doubt}>{doubt}</li>
          ))}
        </ul>
      </Popover.Dropdown>
    </Popover>
  );
}
