import { Button, Code } from '@mantine/core';
import type { ReactNode } from 'react';
import type { RequestFailure } from '../model/ports.ts';
import { Muted } from './pieces.tsx';
import classes from './questions.module.css';
import { failureWords } from './states.tsx';
import { pageStrings } from './strings-pages.ts';
import { questionStrings } from './strings-questions.ts';

const words = questionStrings.failures;

/** States that are no fault: they say how to come by an answer. */
const EXPECTED: ReadonlySet<string> = new Set(['no_current_policies', 'no_proposal', 'nobody_known']);

/** Why a question has no answer, small enough for a section of the panel. */
export function AskFailure(props: {
  readonly failure: RequestFailure;
  readonly onRetry: () => void;
}): ReactNode {
  const { failure } = props;
  const code = failure.code === 'problem' ? failure.problem.code : failure.code;
  if (EXPECTED.has(code)) {
    return (
      <>
        <Muted>{words[code]}</Muted>
        {code === 'no_current_policies' ? <Code>{words['command']}</Code> : null}
      </>
    );
  }
  const { title, text } = failureWords(failure);
  return (
    <div className={classes['failure']} role="alert">
      <p>{words[code] ?? `${title}. ${text}`}</p>
      <Button size="compact-xs" variant="default" onClick={props.onRetry}>
        {pageStrings.states.retry}
      </Button>
    </div>
  );
}
