import { readFileSync } from 'node:fs';
import { graphCommand } from './cli/graph.ts';
import { inspectCommand } from './cli/inspect.ts';
import { createProgram, runProgram } from './cli/program.ts';
import type { Terminal } from './cli/terminal.ts';

const version = (): string => {
  const file = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  return file.version;
};

const terminal: Terminal = {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  isErrTerminal: process.stderr.isTTY === true,
  monotonicMs: () => performance.now(),
};

/** Runs the command line with every adapter in its place; returns the exit code. */
export function runCli(argv: readonly string[]): Promise<number> {
  const program = createProgram(version(), [inspectCommand(terminal), graphCommand(terminal)]);
  return runProgram(program, argv, terminal);
}
