import type { Baseline } from '#core/baseline/baseline.ts';
import type { Proposal } from '#core/policy/proposal.ts';
import type { Terminal } from './terminal.ts';

/** What commands need of the outside world; `main.ts` puts the adapters in. */
export interface Toolbox {
  readonly terminal: Terminal;
  readonly version: string;
  /** Hash of a text as lower-case hexadecimal. */
  hash(text: string): string;
  /** Plain data as YAML and back; `parseYaml` throws an error whose message says where. */
  printYaml(value: unknown): string;
  parseYaml(text: string): unknown;
  /** Makes a proposal and its certificate; calls back with cells judged so far. */
  propose(baseline: Baseline, onProgress: (done: number, total: number) => void): Proposal;
}
