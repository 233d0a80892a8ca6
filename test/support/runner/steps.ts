import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';

/** One check that is not a test, named after its script in package.json. */
export interface Step {
  readonly title: string;
  readonly script: string;
}

/** How a step or the tests ended. */
export interface StepResult {
  readonly title: string;
  readonly passed: boolean;
  readonly elapsedMs: number;
}

export const STEPS: readonly Step[] = [
  { title: 'web build', script: 'build:web' },
  { title: 'scanner build', script: 'build:scanner' },
  { title: 'types', script: 'typecheck' },
  { title: 'lint and format', script: 'lint' },
];

/**
 * Runs a command of node_modules/.bin with the Node that runs this file: called by itself it would take the system's.
 * Its output goes straight through; resolves to true when it ended with exit code 0.
 */
export async function runTool(root: string, command: string, argv: readonly string[]): Promise<boolean> {
  const entry = realpathSync(join(root, 'node_modules/.bin', command));
  const child = spawn(process.execPath, [entry, ...argv], { cwd: root, stdio: 'inherit' });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code === 0;
}

/** Prints what runs now and measures it. */
export async function timed(title: string, work: () => Promise<boolean>): Promise<StepResult> {
  process.stdout.write(`\n> ${title}\n`);
  const startedAt = performance.now();
  const passed = await work();
  return { title, passed, elapsedMs: performance.now() - startedAt };
}

/** Runs one step as its script in package.json says, so that both are the same command. */
export function runStep(root: string, step: Step): Promise<StepResult> {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  const [command, ...argv] = (scripts[step.script] ?? '').split(' ');
  if (command === undefined || command === '') throw new Error(`package.json has no script ${step.script}`);
  return timed(`${step.title} (npm run ${step.script})`, () => runTool(root, command, argv)).then(
    (result) => ({ ...result, title: step.title }),
  );
}
