import { Command, CommanderError } from 'commander';
import { EXIT, printable, type Terminal, UsageError } from './terminal.ts';

const EXAMPLES = `
Examples:
  bulkhead inspect events.log                    what is in this export
  bulkhead graph events.log                      who talks to whom
  bulkhead propose events.log -o policies-out    NetworkPolicies with their certificate
  bulkhead verify policies-out                   check that certificate again, anywhere
  bulkhead serve --file events.log               the same on a live map

Exit codes: 0 fine; 1 a judging command (verify, drift, replay, diff, assert, lint) found something; 2 wrong usage, an
input that could not be read (what the others gave is still printed), or with --strict a single record that could not.
`;

/** Subcommands that belong together, under one heading of the help. */
export interface CommandGroup {
  readonly heading: string;
  readonly commands: readonly Command[];
}

/** The `bulkhead` command with its subcommands. */
export function createProgram(version: string, groups: readonly CommandGroup[]): Command {
  const program = new Command('bulkhead')
    .description('network flows in, who talks to whom, and least-privilege NetworkPolicies with a proof')
    .version(version)
    .addHelpText('after', EXAMPLES)
    .exitOverride();
  for (const { heading, commands } of groups) {
    for (const command of commands) program.addCommand(command.exitOverride().helpGroup(heading));
  }
  return program;
}

/** Mistakes that commander finds read like all others: one sentence, then where to look. */
function speakPlainly(program: Command, { out, err }: Terminal): void {
  for (const command of [program, ...program.commands]) {
    const name = command === program ? 'bulkhead' : `bulkhead ${command.name()}`;
    command
      .configureOutput({
        writeOut: out,
        writeErr: err,
        outputError: (message, write) => {
          const sentence = message.replace(/^error: /, '').trim();
          write(`bulkhead: ${printable(sentence.replaceAll(/\s*\n\s*/g, ' '))}\n`);
        },
      })
      .showHelpAfterError(`see \`${name} --help\``);
  }
}

/** Runs the command line and returns the exit code. A user's mistake is one sentence; only a fault has a stack. */
export async function runProgram(
  program: Command,
  argv: readonly string[],
  terminal: Terminal,
): Promise<number> {
  process.exitCode = EXIT.fine;
  speakPlainly(program, terminal);
  try {
    await program.parseAsync(argv, { from: 'user' });
    return Number(process.exitCode);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.fine : EXIT.unusable;
    if (error instanceof UsageError) {
      terminal.err(`bulkhead: ${printable(error.message)}\n`);
      for (const line of error.excerpt) terminal.err(`  ${printable(line)}\n`);
      return EXIT.unusable;
    }
    throw error;
  }
}
