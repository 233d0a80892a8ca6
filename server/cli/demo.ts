import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { Command, InvalidArgumentError } from 'commander';
import { DEMO_STORY, recordDemo } from '../../collector/sources/demo/recording.ts';
import { createProgress } from './progress.ts';
import { EXIT, plural, printable, UsageError } from './terminal.ts';
import type { Toolbox } from './toolbox.ts';

const EXAMPLES = `
Examples:
  bulkhead demo -o demo.jsonl                                   the shop: training, a rollout, an attack
  bulkhead demo -o big.jsonl --workloads 500 --minutes 30       a generated cluster of 500 workloads
`;

interface DemoOptions {
  readonly output: string;
  readonly seed: number;
  readonly minutes?: number;
  readonly workloads?: number;
}

function whole(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0) throw new InvalidArgumentError('It must be a whole number.');
  return value;
}

/** Minutes from the start to the end of the attack, with a little normal traffic after it. */
const STORY_MINUTES = 120 + 6 + 8 + 6;

async function record(tools: Toolbox, options: DemoOptions): Promise<number> {
  const { workloads, seed } = options;
  const minutes = options.minutes ?? STORY_MINUTES;
  const { simulation, lines } = recordDemo({
    ...DEMO_STORY,
    seed,
    ...(workloads === undefined ? {} : { workloads }),
  });
  const until = simulation.startAt + minutes * 60_000;
  const progress = createProgress(tools.terminal);
  const file = options.output === '-' ? process.stdout : createWriteStream(options.output);
  let count = 0;
  const failed = once(file, 'error').then(([error]) => {
    throw new UsageError(`${options.output} could not be written: ${(error as Error).message}`);
  });
  for (const { at, line } of lines) {
    if (at >= until) break;
    count += 1;
    if (!file.write(`${line}\n`)) await Promise.race([once(file, 'drain'), failed]);
    progress.steps({ done: at - simulation.startAt, total: minutes * 60_000 }, 'ms of traffic');
  }
  if (file !== process.stdout) {
    file.end();
    await Promise.race([once(file, 'finish'), failed]);
  }
  progress.end();
  return count;
}

/** `bulkhead demo`: the recording the demo plays, as a file. */
export function demoCommand(tools: Toolbox): Command {
  return new Command('demo')
    .description("write the demo's recording as a Hubble export")
    .requiredOption('-o, --output <file>', 'where to write it; - for standard output')
    .option('--seed <number>', 'the same seed gives the same bytes', whole, DEMO_STORY.seed)
    .option('--minutes <number>', 'how much simulated time to write', whole)
    .option('--workloads <number>', 'a generated cluster of this many workloads (10 to 10000)', whole)
    .addHelpText('after', EXAMPLES)
    .action(async (options: DemoOptions) => {
      const { workloads } = options;
      if (workloads !== undefined && (workloads < 10 || workloads > 10_000)) {
        throw new UsageError('--workloads must be between 10 and 10000.');
      }
      const count = await record(tools, options);
      if (options.output !== '-')
        tools.terminal.out(`${plural(count, 'line')} written to ${printable(options.output)}\n`);
      process.exitCode = EXIT.fine;
    });
}
