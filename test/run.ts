import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { runStep, STEPS } from './support/runner/steps.ts';
import { summarize } from './support/runner/summary.ts';
import { runTests } from './support/runner/vitest-report.ts';

/**
 * `npm test`: every check there is, one after the other, and one summary at the end. A step that fails does not stop
 * the others. Exit code 1 when anything failed.
 */
const root = join(import.meta.dirname, '..');
const steps = [];
for (const step of STEPS) steps.push(await runStep(root, step));
const { tests, reportFolder } = await runTests(root);
rmSync(reportFolder, { recursive: true, force: true });

const summary = summarize(steps, tests);
process.stdout.write(`\n${summary.lines.join('\n')}\n`);
process.exitCode = summary.failed === 0 ? 0 : 1;
