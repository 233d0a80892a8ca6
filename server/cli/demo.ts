import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Command, InvalidArgumentError } from 'commander';
import { demoLines } from '../../collector/main.ts';
import { createProgress } from './progress.ts';
import { EXIT, plural, printable, UsageError } from './terminal.ts';
import type { Toolbox } from './toolbox.ts';

const EXAMPLES = `
Examples:
  bulkhead demo -o demo.jsonl                                   the shop: training, a rollout, an attack
  bulkhead demo -o big.jsonl --workloads 500 --minutes 30       a generated cluster of 500 workloads
`;

/** What to write, and where. */
export interface RecordOptions {
  readonly output: string;
  readonly seed: number;
  readonly minutes?: number;
  readonly workloads?: number;
  readonly json?: boolean;
}

function whole(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0) throw new InvalidArgumentError('It must be a whole number.');
  return value;
}

/** Minutes from the start to the end of the attack, with a little normal traffic after it. */
const STORY_MINUTES = 120 + 6 + 8 + 6;

/** Writes the lines of an export and returns how many there were. Throws a {@link UsageError} where it can not. */
export async function record(tools: Toolbox, options: RecordOptions): Promise<number> {
  const { workloads, seed } = options;
  const spanMs = (options.minutes ?? STORY_MINUTES) * 60_000;
  const { startAt, lines } = demoLines({ seed, ...(workloads === undefined ? {} : { workloads }) });
  const progress = createProgress(tools.terminal);
  let count = 0;
  function* wanted(): Generator<string> {
    for (const { at, line } of lines) {
      if (at >= startAt + spanMs) return;
      count += 1;
      progress.steps({ done: at - startAt, total: spanMs }, 'ms of traffic');
      yield `${line}\n`;
    }
  }
  const isPrinted = options.output === '-';
  try {
    await pipeline(Readable.from(wanted()), isPrinted ? process.stdout : createWriteStream(options.output));
  } catch (error) {
    // Whoever watches standard output has told, or knows that its reader has had enough.
    if (isPrinted && (error as NodeJS.ErrnoException).syscall === 'write') return count;
    throw new UsageError(`${options.output} could not be written: ${(error as Error).message}`);
  } finally {
    progress.end();
  }
  return count;
}

/** `bulkhead demo`: the recording the demo plays, as a file. */
export function demoCommand(tools: Toolbox): Command {
  return new Command('demo')
    .description("write the demo's recording as a Hubble export")
    .requiredOption('-o, --output <file>', 'where to write it; - for standard output')
    .option('--seed <number>', 'the same seed gives the same bytes', whole, 1)
    .option('--json', 'print what was written as JSON')
    .option('--minutes <number>', 'how much simulated time to write', whole)
    .option('--workloads <number>', 'a generated cluster of this many workloads (10 to 10000)', whole)
    .addHelpText('after', EXAMPLES)
    .action(async (options: RecordOptions) => {
      const { workloads } = options;
      if (options.output === '-' && options.json === true)
        throw new UsageError('--json needs -o with a file.');
      if (workloads !== undefined && (workloads < 10 || workloads > 10_000)) {
        throw new UsageError('--workloads must be between 10 and 10000.');
      }
      const count = await record(tools, options);
      if (options.output !== '-') {
        const { output, seed, json } = options;
        const text = `${plural(count, 'line')} written to ${printable(output)}`;
        tools.terminal.out(`${json === true ? JSON.stringify({ lines: count, output, seed }) : text}\n`);
      }
      process.exitCode = EXIT.fine;
    });
}
