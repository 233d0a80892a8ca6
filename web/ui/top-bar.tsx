import { ActionIcon, Button, SegmentedControl, Tooltip, useMantineColorScheme } from '@mantine/core';
import { type ReactNode, useEffect, useMemo, useState } from 'react';
import type { LiveGraph } from '../model/live-graph.ts';
import { isShown, SHOWN, type Shown } from '../model/shown.ts';
import { Icon, type IconName } from './icons.tsx';
import { QueryInput } from './query-input.tsx';
import { strings } from './strings.ts';
import { loginStrings } from './strings-login.ts';
import classes from './top-bar.module.css';
import { useApp, useStore } from './use-app.ts';

const words = strings.top;

/** Query, presets and the few switches of the page. */
export function TopBar({ onHelp }: { readonly onHelp: () => void }): ReactNode {
  const page = useApp((state) => state.view.page);
  const hasQuery = page === 'map' || page === 'findings';
  return (
    <header className={classes['bar']}>
      <h1 className={hasQuery ? 'bh-hidden' : classes['title']}>{strings.pages[page]}</h1>
      {hasQuery ? <QueryInput /> : null}
      {page === 'map' ? <ShownSwitch /> : null}
      <span className={classes['space']} />
      <PauseButton />
      <LinkButton />
      <SchemeButton />
      <IconButton icon="help" label={words.help} onClick={onHelp} />
      <LogOutButton />
    </header>
  );
}

/** An icon with a name, which the pointer and the keyboard both get to see. */
export function IconButton(props: {
  readonly icon: IconName;
  readonly label: string;
  readonly onClick: () => void;
  readonly isPressed?: boolean;
  readonly testId?: string;
}): ReactNode {
  return (
    <Tooltip label={props.label}>
      <ActionIcon
        size={30}
        variant={props.isPressed === true ? 'light' : 'subtle'}
        color={props.isPressed === true ? 'teal' : 'gray'}
        c={props.isPressed === true ? 'teal' : 'var(--bh-muted)'}
        aria-label={props.label}
        {...(props.isPressed === undefined ? {} : { 'aria-pressed': props.isPressed })}
        {...(props.testId === undefined ? {} : { 'data-testid': props.testId })}
        onClick={props.onClick}
      >
        <Icon name={props.icon} />
      </ActionIcon>
    </Tooltip>
  );
}

function ShownSwitch(): ReactNode {
  const store = useStore();
  const shown = useApp((state) => state.view.shown);
  const graph = useApp((state) => state.graph);
  const counts = useMemo(() => countsOf(graph), [graph]);
  return (
    <SegmentedControl
      size="xs"
      aria-label={words.shown}
      value={shown}
      onChange={(value) => store.look((view) => ({ ...view, shown: value as Shown }))}
      data={SHOWN.map((value) => ({
        value,
        label: (
          <span title={words.hints[value]}>
            {words[value]} <span className={classes['count']}>{counts.get(value) ?? 0}</span>
          </span>
        ),
      }))}
    />
  );
}

function countsOf(graph: LiveGraph | undefined): ReadonlyMap<Shown, number> {
  const edges = graph === undefined ? [] : [...graph.edgesById.values()];
  return new Map(SHOWN.map((shown) => [shown, edges.filter((edge) => isShown(shown, edge)).length]));
}

function PauseButton(): ReactNode {
  const store = useStore();
  const isPaused = useApp((state) => state.isPaused);
  return (
    <IconButton
      icon={isPaused ? 'play' : 'pause'}
      label={isPaused ? words.resume : words.pause}
      isPressed={isPaused}
      onClick={store.togglePause}
    />
  );
}

function LinkButton(): ReactNode {
  const [isCopied, setCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return;
    const timer = setTimeout(() => setCopied(false), 1600);
    return () => clearTimeout(timer);
  }, [isCopied]);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(window.location.href);
      setCopied(true);
    } catch {
      setCopied(false); // the browser refused; the address bar holds the same link
    }
  };
  return (
    <IconButton
      icon={isCopied ? 'check' : 'link'}
      label={isCopied ? words.copied : words.copyLink}
      onClick={() => void copy()}
    />
  );
}

function SchemeButton(): ReactNode {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const isDark =
    colorScheme === 'dark' ||
    (colorScheme === 'auto' && window.matchMedia('(prefers-color-scheme: dark)').matches);
  return (
    <IconButton
      icon={isDark ? 'sun' : 'moon'}
      label={isDark ? words.light : words.dark}
      testId="scheme"
      onClick={() => setColorScheme(isDark ? 'light' : 'dark')}
    />
  );
}

/** Only for who logged in by token: without a token there is nothing to log out of. */
function LogOutButton(): ReactNode {
  const store = useStore();
  const isByToken = useApp(({ access }) => access.state === 'open' && access.isByToken);
  const [isFailed, setFailed] = useState(false);
  if (!isByToken) return null;
  const leave = async (): Promise<void> => {
    const answer = await store.logOut();
    setFailed(!answer.ok);
  };
  return (
    <>
      {isFailed ? (
        <span className={classes['failed']} role="alert">
          {loginStrings.notLoggedOut}
        </span>
      ) : null}
      <Button size="xs" variant="default" data-testid="log-out" onClick={() => void leave()}>
        {loginStrings.logOut}
      </Button>
    </>
  );
}
