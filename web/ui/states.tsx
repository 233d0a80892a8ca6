import { Button, Code, Skeleton } from '@mantine/core';
import { Component, type ReactNode, useEffect, useState } from 'react';
import type { RequestFailure } from '../model/ports.ts';
import classes from './states.module.css';
import { pageStrings } from './strings-pages.ts';

const words = pageStrings.states;

/** Nothing here yet: what will appear, and the command that makes it appear. */
export function EmptyState(props: {
  readonly title: string;
  readonly text: string;
  readonly command?: string;
}): ReactNode {
  return (
    <div className={classes['state']} data-testid="empty">
      <h2 className={classes['title']}>{props.title}</h2>
      <p className={classes['text']}>{props.text}</p>
      {props.command === undefined ? null : (
        <div className={classes['command']}>
          <Code>{props.command}</Code>
          <CopyButton text={props.command} label={pageStrings.proposals.copy} />
        </div>
      )}
    </div>
  );
}

/** What failed, where, and what to do about it. */
export function ErrorState(props: {
  readonly failure: RequestFailure;
  readonly onRetry?: () => void;
}): ReactNode {
  const { title, text } = failureWords(props.failure);
  return (
    <div className={classes['state']} role="alert" data-testid="error">
      <h2 className={classes['title']}>{title}</h2>
      <p className={classes['text']}>{text}</p>
      <p className={classes['where']}>
        <code>GET /api/v1{props.failure.path}</code>
      </p>
      <div className={classes['command']}>
        {props.onRetry === undefined ? null : (
          <Button size="xs" variant="default" onClick={props.onRetry}>
            {words.retry}
          </Button>
        )}
        <CopyButton text={JSON.stringify(props.failure, null, 2)} label={words.copyDetails} />
      </div>
    </div>
  );
}

/** Title and sentence for a person. */
export function failureWords(failure: RequestFailure): { readonly title: string; readonly text: string } {
  switch (failure.code) {
    case 'unreachable':
      return { title: words.errorTitle, text: words.unreachable };
    case 'unknown_shape':
      return { title: words.errorTitle, text: `${words.unknownShape} (${failure.detail})` };
    default: {
      const { title, detail, code } = failure.problem;
      return { title: title === '' ? words.errorTitle : title, text: `${detail} (${code})`.trim() };
    }
  }
}

/** Copies, and says so for a moment. */
export function CopyButton({ text, label }: { readonly text: string; readonly label: string }): ReactNode {
  const [isCopied, setCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return;
    const timer = setTimeout(() => setCopied(false), 1600);
    return () => clearTimeout(timer);
  }, [isCopied]);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
    } catch {
      setCopied(false); // the browser refused; the text can still be selected by hand
    }
  };
  return (
    <Button size="compact-xs" variant="default" onClick={() => void copy()}>
      {isCopied ? pageStrings.proposals.copied : label}
    </Button>
  );
}

/** Lines of the final layout, drawn only when loading takes longer than 300 ms. */
export function LoadingState({ rows = 6 }: { readonly rows?: number }): ReactNode {
  const [isSlow, setSlow] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setSlow(true), 300);
    return () => clearTimeout(timer);
  }, []);
  if (!isSlow) return null;
  return (
    <div className={classes['loading']} aria-busy="true" role="status">
      <span className="bh-hidden">{words.loading}</span>
      {Array.from({ length: rows }, (_, i) => `row ${i}`).map((row, i) => (
        <Skeleton key={row} height={14} width={`${88 - ((i * 23) % 45)}%`} radius="sm" />
      ))}
    </div>
  );
}

/** Keeps a fault of one part from taking the page with it. */
export class FaultBoundary extends Component<
  { readonly children: ReactNode },
  { readonly fault: string | undefined }
> {
  override state: { readonly fault: string | undefined } = { fault: undefined };

  static getDerivedStateFromError(error: unknown): { readonly fault: string } {
    return { fault: error instanceof Error ? `${error.message}\n${error.stack ?? ''}` : String(error) };
  }

  override render(): ReactNode {
    if (this.state.fault === undefined) return this.props.children;
    return (
      <div className={classes['state']} role="alert">
        <h2 className={classes['title']}>{words.errorTitle}</h2>
        <p className={classes['text']}>{words.crashed}</p>
        <div className={classes['command']}>
          <Button size="xs" variant="default" onClick={() => window.location.reload()}>
            {words.reload}
          </Button>
          <CopyButton text={this.state.fault} label={words.copyDetails} />
        </div>
      </div>
    );
  }
}
