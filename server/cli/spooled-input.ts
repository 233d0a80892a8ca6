import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { SourceSummary } from '#core/flow/source-summary.ts';

/** What a person calls the input that has no name of its own. */
export const STANDARD_INPUT = 'standard input';

/** Inputs that are read twice: standard input is kept in a temporary file meanwhile, and nobody sees its name. */
export class SpooledInput {
  private readonly standardInput: Readable;
  private folder: string | undefined;

  constructor(standardInput: Readable) {
    this.standardInput = standardInput;
  }

  /** Names that can be opened again and again. Rejects with the signal's reason once it is aborted. */
  async namesFor(inputs: readonly string[], signal: AbortSignal): Promise<readonly string[]> {
    if (!inputs.includes('-')) return inputs;
    this.folder = await mkdtemp(join(tmpdir(), 'bulkhead-'));
    const path = this.pathIn(this.folder);
    await pipeline(this.standardInput, createWriteStream(path, { mode: 0o600 }), { signal });
    return inputs.map((input) => (input === '-' ? path : input));
  }

  /** A text about the inputs, in the words of whoever named them. */
  told(text: string): string {
    return this.folder === undefined ? text : text.replaceAll(this.pathIn(this.folder), STANDARD_INPUT);
  }

  /** A summary in which files bear the names that the user knows. */
  toldSummary(summary: SourceSummary): SourceSummary {
    const inExamples = <T extends SourceSummary['text']>(counted: T): T => ({
      ...counted,
      examples: counted.examples.map((each) => ({ ...each, file: this.told(each.file) })),
    });
    const files = summary.files.map(({ name, failure, ...file }) => ({
      ...file,
      name: this.told(name),
      failure: failure === undefined ? undefined : this.told(failure),
    }));
    return { ...summary, files, bad: summary.bad.map(inExamples), text: inExamples(summary.text) };
  }

  /** Removes the temporary file. */
  async remove(): Promise<void> {
    if (this.folder !== undefined) await rm(this.folder, { recursive: true, force: true });
  }

  private pathIn(folder: string): string {
    return join(folder, 'stdin.log');
  }
}
