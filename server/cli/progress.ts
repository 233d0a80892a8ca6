import { formatBytes, formatCount, formatDuration, type Terminal } from './terminal.ts';

export interface Amount {
  readonly done: number;
  /** Undefined when nobody can know, e.g. from a pipe. */
  readonly total: number | undefined;
}

/** Draws how far a long piece of work has come. */
export interface Progress {
  bytes(amount: Amount, flows: number): void;
  steps(amount: Amount, noun: string): void;
  /** Wipes the line; call before printing results. */
  end(): void;
}

const QUIET_MS = 1000;
const REDRAW_MS = 200;
const CLEAR_LINE = '\r\u001b[2K';

function timeLeft({ done, total }: Amount, elapsedMs: number): string {
  if (total === undefined || done === 0 || done >= total) return '';
  return `, ${formatDuration((elapsedMs / done) * (total - done))} left`;
}

/** Progress on standard error, only for a person, and only once the work has taken a second. */
export function createProgress(terminal: Terminal): Progress {
  const startedAt = terminal.monotonicMs();
  let drawnAt = 0;
  let isDrawn = false;

  const draw = (text: (elapsedMs: number) => string): void => {
    const now = terminal.monotonicMs();
    const isDue = now - startedAt > QUIET_MS && now - drawnAt > REDRAW_MS;
    if (!terminal.isErrTerminal || !isDue) return;
    drawnAt = now;
    isDrawn = true;
    terminal.err(`${CLEAR_LINE}${text(now - startedAt)}`);
  };
  const share = ({ done, total }: Amount): string =>
    total === undefined || total === 0 ? '' : ` (${Math.min(100, Math.floor((done / total) * 100))} %)`;

  return {
    bytes(amount, flows) {
      draw((elapsedMs) => {
        const rate = formatBytes((amount.done / elapsedMs) * 1000);
        return `${formatBytes(amount.done)}${share(amount)}, ${formatCount(flows)} flows, ${rate}/s${timeLeft(amount, elapsedMs)}`;
      });
    },
    steps(amount, noun) {
      draw(
        (elapsedMs) => `${formatCount(amount.done)} ${noun}${share(amount)}${timeLeft(amount, elapsedMs)}`,
      );
    },
    end() {
      if (isDrawn) terminal.err(CLEAR_LINE);
    },
  };
}
