import { Button, TextInput } from '@mantine/core';
import { type FormEvent, type ReactNode, useRef, useState } from 'react';
import type { RequestFailure } from '../model/ports.ts';
import type { Access } from './access.ts';
import { Brand } from './brand.tsx';
import classes from './login-page.module.css';
import { failureWords } from './states.tsx';
import { loginStrings as words } from './strings-login.ts';
import { useStore } from './use-app.ts';

/** What is seen before the access token was given: the form, and nothing of the network. */
export function LoginPage({ why }: { readonly why: Extract<Access, { state: 'login' }>['why'] }): ReactNode {
  return (
    <main className={classes['page']} data-testid="login">
      <div className={classes['card']}>
        <header className={classes['head']}>
          <Brand size={36} />
          <div>
            <h1>{words.title}</h1>
            <p>{window.location.host}</p>
          </div>
        </header>
        <p className={classes['why']} data-why={why} role="status">
          {words.why[why]}
        </p>
        <TokenForm />
      </div>
    </main>
  );
}

/** The token stays in the field alone: neither in the page's state nor, as a controlled value would be, in its markup. */
function TokenForm(): ReactNode {
  const store = useStore();
  const field = useRef<HTMLInputElement>(null);
  const [isEmpty, setEmpty] = useState(true);
  const [isAsking, setAsking] = useState(false);
  const [refusal, setRefusal] = useState<string>();
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setAsking(true);
    const answer = await store.logIn(field.current?.value ?? '');
    if (answer.ok) return; // the page takes the place of this form
    setAsking(false);
    setRefusal(refusalWords(answer.error));
    field.current?.select();
  };
  const [before, variable, after] = words.whereFrom(words.variable);
  return (
    <form className={classes['form']} method="post" onSubmit={(event) => void submit(event)}>
      <TextInput
        ref={field}
        type="password"
        label={words.token}
        description={
          <>
            {before}
            <code>{variable}</code>
            {after}
          </>
        }
        error={refusal === undefined ? null : <span role="alert">{refusal}</span>}
        classNames={{ description: classes['hint'] ?? '', error: classes['error'] ?? '' }}
        maxLength={1024}
        autoComplete="off"
        spellCheck={false}
        autoFocus
        onChange={({ currentTarget: { value } }) => setEmpty(value === '')}
      />
      <Button type="submit" fullWidth disabled={isEmpty} loading={isAsking}>
        {words.logIn}
      </Button>
    </form>
  );
}

/** Why the server did not let anybody in, and what to do. */
function refusalWords(failure: RequestFailure): string {
  const known = failure.code === 'problem' ? words.refusals[failure.problem.code] : undefined;
  return known ?? failureWords(failure).text;
}
