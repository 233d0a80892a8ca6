import { Button, Popover, Textarea } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import type { FindingView } from '#contract/learning.ts';
import type { FindingStateChange } from '../model/ports.ts';
import classes from './findings-page.module.css';
import { Tag } from './pieces.tsx';
import { failureWords } from './states.tsx';
import { strings } from './strings.ts';
import { pageStrings } from './strings-pages.ts';
import { useStore } from './use-app.ts';

type NextState = FindingStateChange['state'];

const words = pageStrings.findings;

const NEXT: Readonly<Record<FindingView['state'], readonly (readonly [NextState, string])[]>> = {
  open: [
    ['acknowledged', words.acknowledge],
    ['resolved', words.resolve],
  ],
  acknowledged: [
    ['resolved', words.resolve],
    ['open', words.reopen],
  ],
  resolved: [['open', words.reopen]],
  suppressed: [['open', words.reopen]],
};

/** The state of a finding, and what can be done about it, each with a reason. */
export function FindingActions({ finding }: { readonly finding: FindingView }): ReactNode {
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: only keeps clicks on the buttons from opening the row
    // biome-ignore lint/a11y/useKeyWithClickEvents: the buttons inside have the keyboard
    <div className={classes['actions']} onClick={(event) => event.stopPropagation()}>
      {finding.state === 'open' ? null : <Tag tone="muted">{words.states[finding.state]}</Tag>}
      {NEXT[finding.state].map(([state, label]) => (
        <StateButton key={state} finding={finding} state={state} label={label} />
      ))}
    </div>
  );
}

function StateButton(props: {
  readonly finding: FindingView;
  readonly state: NextState;
  readonly label: string;
}): ReactNode {
  const store = useStore();
  const [isOpen, setOpen] = useState(false);
  const [reason, setReason] = useState('');
  const [problem, setProblem] = useState('');
  const save = async (): Promise<void> => {
    const answer = await store.api.setFindingState(props.finding.id, {
      state: props.state,
      reason: reason.trim(),
    });
    if (answer.ok) {
      setOpen(false);
      store.noteFinding(answer.value);
    } else {
      setProblem(failureWords(answer.error).text);
    }
  };
  return (
    <Popover opened={isOpen} onChange={setOpen} trapFocus position="bottom-end" width={300} shadow="md">
      <Popover.Target>
        <Button size="compact-xs" variant="default" onClick={() => setOpen((wasOpen) => !wasOpen)}>
          {props.label}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void save();
          }}
        >
          <Textarea
            label={strings.decide.reason}
            placeholder={strings.decide.reasonPlaceholder}
            maxLength={500}
            autosize
            minRows={2}
            data-autofocus
            value={reason}
            onChange={({ currentTarget: { value } }) => setReason(value)}
          />
          <p className={classes['problem']} role="status">
            {problem}
          </p>
          <Button type="submit" size="xs" disabled={reason.trim() === ''}>
            {props.label}
          </Button>
        </form>
      </Popover.Dropdown>
    </Popover>
  );
}
