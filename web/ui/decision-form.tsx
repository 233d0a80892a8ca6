import { Button, Textarea } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import type { DecisionRequest } from '#contract/learning.ts';
import classes from './decision-form.module.css';
import { useCommand } from './keyboard.ts';
import { Section } from './pieces.tsx';
import { failureWords } from './states.tsx';
import { strings } from './strings.ts';
import { useStore } from './use-app.ts';

type Decision = DecisionRequest['decision'];
type Progress =
  | { readonly state: 'choosing' }
  | { readonly state: 'saving' }
  | { readonly state: 'done'; readonly text: string }
  | { readonly state: 'failed'; readonly text: string };

const words = strings.decide;
const DECISIONS: readonly Decision[] = ['accepted', 'held', 'rejected'];

/** Accept, hold or reject an edge; a reason is part of every decision. */
export function DecisionForm(props: {
  readonly edgeKey: string;
  readonly current: Decision | undefined;
}): ReactNode {
  const store = useStore();
  const [chosen, setChosen] = useState<Decision>();
  const [reason, setReason] = useState('');
  const [progress, setProgress] = useState<Progress>({ state: 'choosing' });
  useCommand((command) => {
    if (command === 'accept') setChosen('accepted');
    if (command === 'reject') setChosen('rejected');
  });
  const save = async (decision: Decision): Promise<void> => {
    setProgress({ state: 'saving' });
    const answer = await store.api.decide({ edge: props.edgeKey, decision, reason: reason.trim() });
    if (!answer.ok) {
      setProgress({ state: 'failed', text: failureWords(answer.error).text });
      return;
    }
    setChosen(undefined);
    setReason('');
    setProgress({ state: 'done', text: words.done(answer.value.proposalId) });
  };
  return (
    <Section title={words.title} hint={words.hint}>
      <div className={classes['buttons']}>
        {DECISIONS.map((decision) => (
          <Button
            key={decision}
            size="xs"
            variant={decision === chosen ? 'filled' : 'default'}
            disabled={decision === props.current}
            data-testid={`decide-${decision}`}
            onClick={() => setChosen(decision)}
          >
            {words.verbs[decision]}
          </Button>
        ))}
      </div>
      {chosen === undefined ? null : (
        <form
          className={classes['form']}
          onSubmit={(event) => {
            event.preventDefault();
            void save(chosen);
          }}
        >
          <Textarea
            label={words.reason}
            placeholder={words.reasonPlaceholder}
            maxLength={500}
            autosize
            minRows={2}
            data-autofocus
            autoFocus
            value={reason}
            onChange={({ currentTarget: { value } }) => setReason(value)}
          />
          <div className={classes['buttons']}>
            <Button
              type="submit"
              size="xs"
              disabled={reason.trim() === ''}
              loading={progress.state === 'saving'}
              data-testid="decide-save"
            >
              {words.verbs[chosen]}
            </Button>
            <Button size="xs" variant="subtle" color="gray" onClick={() => setChosen(undefined)}>
              {words.cancel}
            </Button>
          </div>
        </form>
      )}
      <p className={classes['outcome']} role="status" data-state={progress.state}>
        {'text' in progress ? progress.text : ''}
      </p>
    </Section>
  );
}
