import type { ReactNode } from 'react';
import type { ProposalDetail } from '#contract/proposal.ts';
import { Muted, Name, Names, Tag, type Tone } from './pieces.tsx';
import classes from './policy-reader.module.css';
import { CopyButton } from './states.tsx';
import { pageStrings } from './strings-pages.ts';
import { Warnings } from './warnings.tsx';
import { YamlView } from './yaml-view.tsx';

type Policy = ProposalDetail['policiesView'][number];
type Rule = Policy['rules'][number];

const words = pageStrings.proposals;

/** One policy: its text, and the evidence of each of its rules. */
export function PolicyReader({ policy }: { readonly policy: Policy }): ReactNode {
  return (
    <div className={classes['reader']}>
      <header className={classes['head']}>
        <div>
          <h2>{policy.title}</h2>
          <p>
            <Name text={policy.path} max={140} />
          </p>
        </div>
        <CopyButton text={policy.yaml} label={words.copy} />
      </header>
      {policy.isDefaultDeny ? <Muted>{words.defaultDenyHint}</Muted> : null}
      <YamlView text={policy.yaml} label={`YAML: ${policy.title}`} />
      {policy.isolatesWithoutEvidence.length === 0 ? null : (
        <section className={classes['block']}>
          <h3>{words.isolatesWithoutEvidence}</h3>
          <Muted>{words.isolatesHint}</Muted>
          <Names items={policy.isolatesWithoutEvidence} max={140} />
        </section>
      )}
      {policy.warnings.length === 0 ? null : (
        <section className={classes['block']}>
          <h3>{words.warnings}</h3>
          <Warnings warnings={policy.warnings} isInline />
        </section>
      )}
      {policy.rules.length === 0 ? null : (
        <section className={classes['block']}>
          <h3>{words.rules}</h3>
          <ul className={classes['rules']}>
            {policy.rules.map((rule) => (
              <li key={`${rule.direction} ${rule.index}`}>
                <RuleRow rule={rule} />
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}

const CONFIDENCE_TONES: Readonly<Record<Rule['confidence'], Tone>> = {
  A: 'ok',
  B: 'ok',
  C: 'audit',
  D: 'denied',
};

function RuleRow({ rule }: { readonly rule: Rule }): ReactNode {
  return (
    <details className={classes['rule']}>
      <summary>
        <code>
          {rule.direction}[{rule.index}]
        </code>
        <span className={classes['comment']}>{rule.comment}</span>
        <Tag tone={CONFIDENCE_TONES[rule.confidence]}>{words.confidence(rule.confidence)}</Tag>
      </summary>
      {rule.parts?.needs != null && <p className={classes['comment']}>{words.needs(rule.parts.needs)}</p>}
      <ul className={classes['edges']}>
        {rule.edges.map((edge) => (
          <li key={edge.key}>
            <Name text={edge.line} max={140} />
          </li>
        ))}
      </ul>
    </details>
  );
}
