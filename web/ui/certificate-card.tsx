import type { ReactNode } from 'react';
import type { CertificateView } from '#contract/proposal.ts';
import { absoluteTime, duration, groupedDigits, percent, shortCount } from '../model/format.ts';
import classes from './certificate-card.module.css';
import { Facts, Muted, Name, Section, Tag } from './pieces.tsx';
import { pageStrings } from './strings-pages.ts';

const words = pageStrings.proposals;

/** The certificate in plain words: what is admitted, what is not and why, and what it can not speak about. */
export function CertificateCard({ certificate }: { readonly certificate: CertificateView }): ReactNode {
  const { totals } = certificate;
  const extras = totals.extras === 0 ? words.noExtras : words.someExtras(totals.extras);
  return (
    <div data-testid="certificate">
      <div className={classes['lead']}>
        <Meter label={words.coverage} share={totals.coverage} hint={words.coverageHint} />
        <Meter label={words.tightness} share={totals.tightness} hint={words.tightnessHint} />
        <p>
          {words.certificateWords(
            groupedDigits(totals.admittedConversations),
            groupedDigits(totals.trainingConversations),
            extras,
          )}
        </p>
      </div>
      <NotAdmitted certificate={certificate} />
      <Extras certificate={certificate} />
      <Section title={words.blindSpots} hint={words.blindSpotsHint}>
        {certificate.blindSpots.length === 0 ? (
          <Muted>{words.noBlindSpots}</Muted>
        ) : (
          <Facts rows={certificate.blindSpots.map(({ what, count }) => [what, count] as const)} />
        )}
      </Section>
      <Section title={words.universe}>
        <Facts
          rows={[
            [words.profile, certificate.profile],
            [words.universe, certificate.universe],
            [words.cells, groupedDigits(certificate.cellsJudged)],
            [words.pairs, `${groupedDigits(totals.pairsBefore)} → ${groupedDigits(totals.pairsAfter)}`],
            [
              words.window,
              `${absoluteTime(certificate.window.from)}, ${duration(certificate.window.until - certificate.window.from)}`,
            ],
            [
              words.hash,
              <code key="hash" className={classes['hash']}>
                {certificate.contentHash}
              </code>,
            ],
            ['bulkhead', certificate.toolVersion],
          ]}
        />
      </Section>
    </div>
  );
}

function Meter(props: { readonly label: string; readonly share: number; readonly hint: string }): ReactNode {
  return (
    <div className={classes['meter']} title={props.hint}>
      <span>{props.label}</span>
      <b>{percent(props.share)}</b>
      <span className={classes['track']} aria-hidden="true">
        <span style={{ width: `${Math.min(Math.max(props.share, 0), 1) * 100}%` }} />
      </span>
    </div>
  );
}

/** A reason that is a code reads as words; one that is a sentence stays as it is. */
function reasonWords(reason: string): string {
  if (reason.includes(' ')) return reason;
  const words = reason.replaceAll(/[-_]/g, ' ');
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}

function NotAdmitted({ certificate }: { readonly certificate: CertificateView }): ReactNode {
  const { notAdmitted } = certificate;
  return (
    <Section title={`${words.notAdmitted} · ${notAdmitted.length}`} hint={words.notAdmittedHint}>
      {notAdmitted.length === 0 ? (
        <Muted>{words.everythingAdmitted}</Muted>
      ) : (
        <ul className={classes['rows']}>
          {notAdmitted.map((row) => (
            <li key={row.line}>
              <p className={classes['line']}>
                <Name text={row.line} max={140} />
                <span className={classes['amount']}>
                  {pageStrings.findings.conversations(row.conversations)}
                </span>
              </p>
              <p className={classes['why']}>
                {reasonWords(row.reason)}
                {row.note === null ? '' : `${row.reason.includes(' ') ? ' ' : ': '}${row.note}`}
              </p>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

function Extras({ certificate }: { readonly certificate: CertificateView }): ReactNode {
  const { extras, totals } = certificate;
  return (
    <Section title={`${words.extras} · ${shortCount(totals.extras)}`}>
      {extras.length === 0 ? (
        <Muted>{words.noExtras}</Muted>
      ) : (
        <ul className={classes['rows']}>
          {extras.map((extra) => (
            <li key={`${extra.from} ${extra.to} ${extra.ports}`}>
              <p className={classes['line']}>
                <Name text={`${extra.from} → ${extra.to} : ${extra.ports}`} max={140} />
                {extra.declared ? <Tag tone="muted">{words.declared}</Tag> : null}
              </p>
              <p className={classes['why']}>
                {extra.why} {words.byRule} {extra.admittedBy.join(', ')}
              </p>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}
