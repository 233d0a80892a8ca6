import type { ReactNode } from 'react';
import { withoutKind } from '../model/asked-ends.ts';
import type { Explained } from '../model/ports.ts';
import { Muted, Name } from './pieces.tsx';
import classes from './questions.module.css';
import { questionStrings } from './strings-questions.ts';

const words = questionStrings.why;

type Case = Explained['cases'][number];
type Side = Case['egress'];
type Rule = Side['allowedBy'][number];
type Misses = NonNullable<Side['nearest']>['misses'];

/** One answer that holds for all pods like these two; where it holds for everybody, the ends are named instead. */
export function CaseView(props: {
  readonly explained: Case;
  readonly ends: Pick<Explained, 'from' | 'to'> | undefined;
}): ReactNode {
  const { from, to, reason, egress, ingress } = props.explained;
  const client = withoutKind(props.ends?.from ?? from);
  const server = withoutKind(props.ends?.to ?? to);
  return (
    <div className={classes['case']}>
      {props.ends === undefined ? (
        <p className={classes['caseName']}>
          <Name text={from} max={28} /> → <Name text={to} max={28} />
        </p>
      ) : null}
      {reason === 'policy' ? (
        <>
          <SideView title={words.directions.egress(client)} side={egress} />
          <SideView title={words.directions.ingress(server)} side={ingress} />
        </>
      ) : (
        <Muted>{words.reasons[reason] ?? reason}</Muted>
      )}
    </div>
  );
}

function SideView({ title, side }: { readonly title: string; readonly side: Side }): ReactNode {
  const { decision, allowedBy, doubts } = side;
  return (
    <div className={classes['side']} data-decision={decision}>
      <h4>
        <Name text={title} max={50} />
      </h4>
      <p>{words.decisions[decision]}</p>
      {decision === 'allowed' ? (
        <ul>
          {allowedBy.map((rule) => (
            <RuleItem key={`${rule.policy} ${rule.rule}`} rule={rule} />
          ))}
        </ul>
      ) : null}
      {decision === 'denied' ? <Denied side={side} /> : null}
      {doubts.length === 0 ? null : (
        <>
          <p className={classes['label']}>{words.doubts}</p>
          <ul>
            {doubts.map(({ policy, path, message }) => (
              <li key={`${policy} ${path}`}>
                <code>{policy}</code> {path}: {message}
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}

function Denied({ side: { isolatedBy, nearest } }: { readonly side: Side }): ReactNode {
  return (
    <>
      <p className={classes['label']}>{words.isolatedBy}</p>
      <ul>
        {isolatedBy.map(({ policy, source, subject }) => (
          <li key={policy} title={source}>
            <code>{policy}</code> <span className={classes['aside']}>{words.about(subject)}</span>
          </li>
        ))}
      </ul>
      {nearest === undefined ? (
        <p className={classes['label']}>{words.noNearest}</p>
      ) : (
        <>
          <p className={classes['label']}>{words.nearest}</p>
          <ul>
            <RuleItem rule={nearest}>
              <MissesView misses={nearest.misses} />
            </RuleItem>
          </ul>
        </>
      )}
    </>
  );
}

/** The rule by name, then what it says; cut to a few lines, in full on hover and for screen readers. */
function RuleItem(props: {
  readonly rule: Omit<Rule, 'peer' | 'port'>;
  readonly children?: ReactNode;
}): ReactNode {
  const { policy, direction, rule, text, source } = props.rule;
  const name = `${policy} ${direction}[${rule}]`;
  const says = text.startsWith(`${name}, `) ? text.slice(name.length + 2) : text;
  return (
    <li>
      <code title={source}>{name}</code>
      <span className={classes['says']} title={says}>
        {says}
      </span>
      {props.children}
    </li>
  );
}

function MissesView({ misses }: { readonly misses: Misses }): ReactNode {
  return (
    <dl className={classes['misses']}>
      {misses.map(({ what, wanted, found }) => (
        <div key={`${what} ${wanted}`}>
          <dt>{words.misses[what] ?? what}</dt>
          <dd>
            {what === 'fault' ? (
              `${wanted} ${found}`
            ) : (
              <>
                <span className={classes['aside']}>{words.asksFor}</span> {wanted}
                <br />
                <span className={classes['aside']}>{words.hereIs}</span> <strong>{found}</strong>
              </>
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}
