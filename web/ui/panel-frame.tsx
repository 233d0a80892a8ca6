import { Tabs } from '@mantine/core';
import type { ReactNode } from 'react';
import { type PanelTab, withSelection } from '../model/view.ts';
import classes from './panel-frame.module.css';
import { strings } from './strings.ts';
import { IconButton } from './top-bar.tsx';
import { useApp, useStore } from './use-app.ts';

/** Heading of the panel: what it is about, its states, and the way out. */
export function PanelHead(props: {
  readonly over?: string;
  readonly title: ReactNode;
  readonly tags?: ReactNode;
  readonly sentence?: ReactNode;
  readonly isClosable?: boolean;
}): ReactNode {
  const store = useStore();
  return (
    <header className={classes['head']}>
      <div className={classes['headRow']}>
        <div className={classes['names']}>
          {props.over === undefined ? null : <p className={classes['over']}>{props.over}</p>}
          <h2 className={classes['title']}>{props.title}</h2>
        </div>
        {props.isClosable === false ? null : (
          <IconButton
            icon="close"
            label={strings.panel.close}
            onClick={() => store.look((view) => withSelection(view, undefined))}
          />
        )}
      </div>
      {props.tags === undefined ? null : <div className={classes['tags']}>{props.tags}</div>}
      {props.sentence === undefined ? null : <p className={classes['sentence']}>{props.sentence}</p>}
    </header>
  );
}

export interface PanelPart {
  readonly tab: PanelTab;
  readonly count?: number;
  readonly content: ReactNode;
}

/** The panel's tabs; which one is open lives in the view. */
export function PanelTabs({ parts }: { readonly parts: readonly PanelPart[] }): ReactNode {
  const store = useStore();
  const wanted = useApp((state) => state.view.tab);
  const current = parts.some(({ tab }) => tab === wanted) ? wanted : 'overview';
  return (
    <Tabs
      className={classes['tabs'] ?? ''}
      classNames={{ tab: classes['tab'] ?? '', list: classes['tabList'] ?? '' }}
      value={current}
      keepMounted={false}
      onChange={(tab) => {
        const part = parts.find((candidate) => candidate.tab === tab);
        if (part !== undefined) store.look((view) => ({ ...view, tab: part.tab }));
      }}
    >
      <Tabs.List>
        {parts.map(({ tab, count }) => (
          <Tabs.Tab key={tab} value={tab} data-testid={`tab-${tab}`}>
            {strings.panel.tabs[tab]}
            {count === undefined || count === 0 ? null : <span className={classes['count']}>{count}</span>}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {parts.map(({ tab, content }) => (
        <Tabs.Panel key={tab} value={tab} className={classes['body'] ?? ''} tabIndex={0}>
          {content}
        </Tabs.Panel>
      ))}
    </Tabs>
  );
}
