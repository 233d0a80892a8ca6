import { type ReactNode, useState } from 'react';
import { lateCount } from '../model/placement.ts';
import { askedBy } from '../model/query.ts';
import { EdgeTable } from './edge-table.tsx';
import { FormSwitch } from './form-switch.tsx';
import { send } from './keyboard.ts';
import { Legend } from './legend.tsx';
import classes from './map-page.module.css';
import { MapView } from './map-view.tsx';
import { MatrixView } from './matrix-view.tsx';
import { DetailPanel } from './panel.tsx';
import { ReachNotice } from './reach-notice.tsx';
import { SankeyView } from './sankey-view.tsx';
import { EmptyState, LoadingState } from './states.tsx';
import { strings } from './strings.ts';
import { pageStrings } from './strings-pages.ts';
import { TimeBar } from './time-bar.tsx';
import { IconButton } from './top-bar.tsx';
import { useAge } from './trust-strip.tsx';
import { TwinList } from './twin-list.tsx';
import { useApp, useStore } from './use-app.ts';

const words = strings.map;

/** From this width on, the overview has room beside the map from the start. */
const WIDE_PX = 1400;

interface OverviewSwitch {
  readonly isOverviewOpen: boolean;
  readonly onOverview: () => void;
}

/** The picture of the network, with everything else at its edge. */
export function MapPage(): ReactNode {
  const graph = useApp((state) => state.graph);
  const isSelected = useApp((state) => state.view.selection !== undefined);
  const [isOverviewOpen, setOverviewOpen] = useState(() => window.innerWidth >= WIDE_PX);
  return (
    <div className={classes['page']}>
      <div className={classes['stage']}>
        {graph === undefined ? (
          <LoadingState rows={10} />
        ) : (
          <Stage isOverviewOpen={isOverviewOpen} onOverview={() => setOverviewOpen((isOpen) => !isOpen)} />
        )}
      </div>
      {isSelected || isOverviewOpen ? <DetailPanel /> : null}
      <TimeBar />
    </div>
  );
}

function Stage(overview: OverviewSwitch): ReactNode {
  const isEmpty = useApp((state) => state.graph?.nodesById.size === 0);
  const link = useApp((state) => state.link);
  const isListOpen = useApp((state) => state.view.isListOpen);
  const form = useApp((state) => state.view.form);
  const text = pageStrings.states;
  if (isEmpty) {
    return <EmptyState title={text.emptyMapTitle} text={text.emptyMap} command={text.emptyMapCommand} />;
  }
  return (
    <>
      {form === 'map' ? (
        <>
          <div className={classes['canvas']} data-stale={link.state === 'lost'} data-beside-list={isListOpen}>
            <MapView />
          </div>
          <TwinList />
          <Tools {...overview} />
        </>
      ) : null}
      {form === 'matrix' ? <MatrixView /> : null}
      {form === 'sankey' ? <SankeyView /> : null}
      {form === 'table' ? <EdgeTable /> : null}
      <Notices />
      <FormSwitch />
    </>
  );
}

function Notices(): ReactNode {
  const store = useStore();
  const picture = useApp((state) => state.scene?.picture);
  const placement = useApp((state) => state.scene?.placement);
  const isFiltered = useApp(({ view }) => askedBy(view.query).isActive || view.shown !== 'all');
  const link = useApp((state) => state.link);
  const age = useAge(link);
  const isListOpen = useApp((state) => state.view.isListOpen);
  if (picture === undefined || placement === undefined) return null;
  const { hidden, matching, total } = picture;
  const late = lateCount(placement);
  return (
    <div className={classes['notices']} aria-live="polite" data-beside-list={isListOpen}>
      {link.state === 'lost' ? (
        <span className={classes['notice']} data-tone="denied">
          {words.disconnected(link.detail)} {age === undefined ? '' : words.age(age)}
        </span>
      ) : null}
      <ReachNotice />
      {isFiltered ? (
        <span className={classes['notice']} data-tone={matching === 0 ? 'audit' : undefined}>
          {matching === 0 ? pageStrings.states.noMatch : words.matching(matching, total)}
        </span>
      ) : null}
      {hidden.vertices + hidden.lines > 0 ? (
        <span className={classes['notice']} data-tone="audit" title={words.hiddenHint} data-testid="hidden">
          {words.hidden(hidden.vertices, hidden.lines)}
        </span>
      ) : null}
      {late > 0 ? (
        <button type="button" className={classes['notice']} title={words.tidyHint} onClick={store.tidy}>
          {words.late(late)} · <u>{words.tidy}</u>
        </button>
      ) : null}
    </div>
  );
}

function Tools({ isOverviewOpen, onOverview }: OverviewSwitch): ReactNode {
  const store = useStore();
  const isListOpen = useApp((state) => state.view.isListOpen);
  const [isLegendOpen, setLegendOpen] = useState(false);
  return (
    <div className={classes['tools']}>
      {isLegendOpen ? (
        <div className={classes['legend']}>
          <Legend />
        </div>
      ) : null}
      <div className={classes['buttons']}>
        <IconButton
          icon="list"
          label={words.list}
          isPressed={isListOpen}
          testId="list-toggle"
          onClick={() => store.look((view) => ({ ...view, isListOpen: !view.isListOpen }))}
        />
        <IconButton icon="tidy" label={words.tidy} onClick={store.tidy} />
        <IconButton icon="plus" label={words.zoomIn} onClick={() => send('closer')} />
        <IconButton icon="minus" label={words.zoomOut} onClick={() => send('further')} />
        <IconButton icon="fit" label={words.fit} onClick={() => send('fit')} />
        <button
          type="button"
          className={classes['textButton']}
          aria-pressed={isOverviewOpen}
          data-testid="overview-toggle"
          onClick={onOverview}
        >
          {pageStrings.overview.title}
        </button>
        <button
          type="button"
          className={classes['textButton']}
          aria-expanded={isLegendOpen}
          onClick={() => setLegendOpen((isOpen) => !isOpen)}
        >
          {words.legend}
        </button>
      </div>
    </div>
  );
}
