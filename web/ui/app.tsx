import { type ReactNode, useState } from 'react';
import classes from './app.module.css';
import { FindingsPage } from './findings-page.tsx';
import { Help } from './help.tsx';
import { useKeyboard } from './keyboard.ts';
import { MapPage } from './map-page.tsx';
import { ProposalsPage } from './proposals-page.tsx';
import { Rail } from './rail.tsx';
import { SourcesPage } from './sources-page.tsx';
import { FaultBoundary } from './states.tsx';
import { strings } from './strings.ts';
import { TopBar } from './top-bar.tsx';
import { TrustStrip } from './trust-strip.tsx';
import { useApp } from './use-app.ts';

const PAGES = {
  map: MapPage,
  proposals: ProposalsPage,
  findings: FindingsPage,
  sources: SourcesPage,
} as const;

/** The frame: rail, query bar, trust strip, and the page. */
export function App(): ReactNode {
  const page = useApp((state) => state.view.page);
  const [isHelpOpen, setHelpOpen] = useState(false);
  useKeyboard({ onHelp: () => setHelpOpen((isOpen) => !isOpen) });
  const Page = PAGES[page];
  return (
    <div className={classes['frame']}>
      <a className={classes['skip']} href="#page">
        {strings.skipToMain}
      </a>
      <Rail />
      <TopBar onHelp={() => setHelpOpen(true)} />
      <TrustStrip />
      <main
        className={classes['page']}
        id="page"
        aria-label={strings.pages[page]}
        data-testid={`page-${page}`}
      >
        <FaultBoundary key={page}>
          <Page />
        </FaultBoundary>
      </main>
      <Help isOpen={isHelpOpen} onClose={() => setHelpOpen(false)} />
    </div>
  );
}
