import type { ReactNode } from 'react';
import type { LiveSourceHealth, SourceHealth } from '#contract/source.ts';
import { absoluteTime, bytes, counted, duration, percent, shortCount } from '../model/format.ts';
import { Figures, Muted, Name, Tag, Tallies, type Tone } from './pieces.tsx';
import classes from './sources-page.module.css';
import { EmptyState, ErrorState, LoadingState } from './states.tsx';
import { pageStrings } from './strings-pages.ts';
import { useApp, useStore } from './use-app.ts';
import { useResource } from './use-resource.ts';

const words = pageStrings.sources;
const REFRESH_MS = 3000;

/** Where flows come from, what could not be read, and what was set aside. */
export function SourcesPage(): ReactNode {
  const store = useStore();
  const isLive = useApp((state) => state.link.state === 'live');
  const { resource, reload } = useResource('sources', () => store.api.sources(), {
    refreshMs: isLive ? REFRESH_MS : 0,
  });
  if (resource.state === 'loading') return <LoadingState rows={10} />;
  if (resource.state === 'failed') return <ErrorState failure={resource.failure} onRetry={reload} />;
  if (resource.value.length === 0) {
    return <EmptyState title={words.emptyTitle} text={words.empty} command={words.emptyCommand} />;
  }
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className={classes['page']} tabIndex={0} aria-label={words.title}>
      {resource.value.map((source) => (
        <Source key={source.name} source={source} />
      ))}
    </section>
  );
}

const STATE_TONES: Readonly<Record<SourceHealth['state'], Tone>> = {
  reading: 'proposal',
  done: 'ok',
  failed: 'denied',
  live: 'ok',
  connecting: 'proposal',
};

function Source({ source }: { readonly source: SourceHealth }): ReactNode {
  const { bytesRead, bytesTotal, span } = source;
  const read = bytesTotal === null ? bytes(bytesRead) : `${bytes(bytesRead)} of ${bytes(bytesTotal)}`;
  return (
    <article className={classes['card']} data-testid="source">
      <header className={classes['head']}>
        <h2>
          <Name text={source.name} max={70} />
        </h2>
        <Tag tone={STATE_TONES[source.state]}>{words.state[source.state]}</Tag>
        {bytesRead === 0 && bytesTotal === null ? null : <span className={classes['read']}>{read}</span>}
      </header>
      {bytesTotal === null || source.state !== 'reading' ? null : (
        <progress className={classes['progress']} max={bytesTotal} value={bytesRead} aria-label={words.read}>
          {percent(bytesRead / Math.max(bytesTotal, 1))}
        </progress>
      )}
      {source.problem === null ? null : (
        <p className={classes['problem']} role="alert">
          {source.problem}
        </p>
      )}
      <Figures
        columns={4}
        items={[
          { label: words.flows, value: shortCount(source.flows) },
          {
            label: words.lost,
            value: source.lostEvents,
            tone: source.lostEvents === '0' ? 'plain' : 'audit',
          },
          {
            label: words.nodes,
            value: nodesText(source),
            hint: source.nodes.join(', '),
            tone: source.silentNodes.length > 0 ? 'audit' : 'plain',
          },
          {
            label: words.span,
            value: span === null ? '–' : duration(span.until - span.from),
            ...(span === null ? {} : { hint: `${absoluteTime(span.from)} – ${absoluteTime(span.until)}` }),
          },
        ]}
      />
      {source.live === null ? null : <Live live={source.live} />}
      <div className={classes['columns']}>
        <div>
          <h3>{words.shapes}</h3>
          <Tallies items={source.shapes} />
        </div>
        <BadLines source={source} />
        <SetAside source={source} />
      </div>
    </article>
  );
}

/** What a source that goes on for ever says of itself. */
function Live({ live }: { readonly live: LiveSourceHealth }): ReactNode {
  const { flowsPerSecond, lagMs, version, unavailableNodes, duplicates, shedEvidence, gaps, notices } = live;
  const doubt = (count: number): Tone => (count > 0 ? 'audit' : 'plain');
  return (
    <>
      {notices.map((notice) => (
        <p key={notice} className={classes['problem']} role="status">
          {notice}
        </p>
      ))}
      <Figures
        columns={4}
        items={[
          { label: words.rate, value: `${shortCount(Math.round(flowsPerSecond))}/s` },
          { label: words.lag, value: lagMs === null ? '–' : duration(Math.abs(lagMs)), hint: words.lagHint },
          { label: words.version, value: version ?? '–' },
          {
            label: words.away,
            value: unavailableNodes === null ? '–' : shortCount(unavailableNodes),
            tone: doubt(unavailableNodes ?? 0),
          },
          { label: words.reconnects, value: shortCount(live.reconnects) },
          { label: words.duplicates, value: shortCount(duplicates), hint: words.duplicatesHint },
          {
            label: words.shed,
            value: shortCount(shedEvidence),
            tone: doubt(shedEvidence),
            hint: words.shedHint,
          },
          { label: words.gaps, value: shortCount(gaps), tone: doubt(gaps), hint: words.gapsHint },
        ]}
      />
    </>
  );
}

const nodesText = ({ nodes, silentNodes }: SourceHealth): string =>
  silentNodes.length === 0 ? String(nodes.length) : `${nodes.length} (${silentNodes.length} ${words.silent})`;

function BadLines({ source }: { readonly source: SourceHealth }): ReactNode {
  return (
    <div>
      <h3>{words.bad}</h3>
      {source.bad.length === 0 ? <Muted>{words.noBad}</Muted> : null}
      {source.bad.map(({ code, count, examples }) => (
        <details key={code} className={classes['group']} open>
          <summary>
            <code>{code}</code> {counted(count, 'line')}
          </summary>
          <ul>
            {examples.map((example) => (
              <li key={`${example.file} ${example.line}`}>
                <span>{words.line(example.file.slice(-60), example.line)}</span>
                <code>{example.what.slice(0, 253)}</code>
              </li>
            ))}
          </ul>
        </details>
      ))}
    </div>
  );
}

function SetAside({ source }: { readonly source: SourceHealth }): ReactNode {
  return (
    <div>
      <h3>{words.setAside}</h3>
      <Muted>{source.setAside.length === 0 ? words.noSetAside : words.setAsideHint}</Muted>
      {source.setAside.map(({ reason, conversations, examples }) => (
        <details key={reason} className={classes['group']}>
          <summary>
            <code>{reason}</code> {counted(conversations, 'conversation')}
          </summary>
          <ul>
            {examples.map((example) => (
              <li key={example}>
                <code>{example.slice(0, 253)}</code>
              </li>
            ))}
          </ul>
        </details>
      ))}
    </div>
  );
}
