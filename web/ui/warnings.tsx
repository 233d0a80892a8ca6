import type { ReactNode } from 'react';
import type { ProposalDetail } from '#contract/proposal.ts';
import { Muted, Name } from './pieces.tsx';
import { pageStrings } from './strings-pages.ts';
import classes from './warnings.module.css';

/** Warnings of a proposal or of one policy, with their codes. */
export function Warnings(props: {
  readonly warnings: ProposalDetail['warningsView'];
  /** True inside other content, where the list needs no margin of its own. */
  readonly isInline?: boolean;
}): ReactNode {
  if (props.warnings.length === 0) {
    return (
      <div className={classes['none']}>
        <Muted>{pageStrings.proposals.noWarnings}</Muted>
      </div>
    );
  }
  return (
    <ul className={props.isInline === true ? classes['inline'] : classes['list']}>
      {props.warnings.map(({ code, workload, message }) => (
        <li key={`${code} ${workload ?? ''} ${message}`}>
          <p>{message}</p>
          <p className={classes['code']}>
            {code}
            {workload === null ? null : (
              <>
                {' · '}
                <Name text={workload} max={44} />
              </>
            )}
          </p>
        </li>
      ))}
    </ul>
  );
}
