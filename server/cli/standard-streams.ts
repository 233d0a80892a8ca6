import type { Writable } from 'node:stream';
import { EXIT, printable, type Terminal } from './terminal.ts';

/** Standard output and standard error of a process. */
export interface StandardStreams {
  readonly stdout: Writable;
  readonly stderr: Writable & { readonly isTTY?: boolean };
}

/** A terminal on the standard streams, which may break at any time. */
export interface StreamTerminal {
  readonly terminal: Terminal;
  /** The exit code, once a command has decided on one: output that could not be written makes it 2. */
  settle(decided: number): number;
}

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'no space is left on the device',
  EIO: 'the device reports an error',
  EDQUOT: 'the quota is used up',
  EFBIG: 'the file would be too large',
};

/** The system's reason in words a person knows. */
function reasonOf({ code, message }: NodeJS.ErrnoException): string {
  return (code === undefined ? undefined : REASONS[code]) ?? message;
}

/**
 * Writes to the standard streams and watches them. A reader that closes its end (`| head -1`) has had enough, which is
 * no fault of anybody's: the rest is discarded and the command keeps the exit code that it decides on. Any other
 * failure loses output that somebody wants: one sentence, and `fail` is called so that the process ends with code 2
 * even when the failure shows only after the command has returned.
 */
export function openStreamTerminal(streams: StandardStreams, fail: (code: number) => void): StreamTerminal {
  const { stdout, stderr } = streams;
  let isFailed = false;
  const watch = (stream: Writable, name: string): void => {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE' || isFailed) return;
      isFailed = true;
      fail(EXIT.unusable);
      if (stream !== stderr)
        stderr.write(`bulkhead: ${name} could not be written: ${printable(reasonOf(error))}.\n`);
    });
  };
  watch(stdout, 'standard output');
  watch(stderr, 'standard error');
  return {
    terminal: {
      out: (text) => stdout.write(text),
      err: (text) => stderr.write(text),
      isErrTerminal: stderr.isTTY === true,
      monotonicMs: () => performance.now(),
    },
    settle: (decided) => (isFailed ? EXIT.unusable : decided),
  };
}
