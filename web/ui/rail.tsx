import type { ReactNode } from 'react';
import type { LiveGraph } from '../model/live-graph.ts';
import { PAGES } from '../model/view.ts';
import { Brand } from './brand.tsx';
import { Icon } from './icons.tsx';
import classes from './rail.module.css';
import { strings } from './strings.ts';
import { useApp, useStore } from './use-app.ts';

/** Number of open findings. */
export const openFindings = (graph: LiveGraph | undefined): number =>
  graph === undefined ? 0 : [...graph.findingsById.values()].filter(({ state }) => state === 'open').length;

/** The pages, at the left edge. */
export function Rail(): ReactNode {
  const store = useStore();
  const current = useApp((state) => state.view.page);
  const findings = openFindings(useApp((state) => state.graph));
  return (
    <nav className={classes['rail']} aria-label={strings.rail}>
      <div className={classes['brand']} title={strings.product}>
        <Brand size={26} />
        <span className="bh-hidden">{strings.product}</span>
      </div>
      {PAGES.map((page) => (
        <button
          key={page}
          type="button"
          className={classes['item']}
          aria-current={page === current ? 'page' : undefined}
          data-testid={`rail-${page}`}
          onClick={() => store.look((view) => ({ ...view, page }))}
        >
          <Icon name={page} size={20} />
          <span>{strings.pages[page]}</span>
          {page === 'findings' && findings > 0 ? <span className={classes['count']}>{findings}</span> : null}
        </button>
      ))}
    </nav>
  );
}
