import { cpus } from 'node:os';

/** What a figure was measured on. */
export const machine = (): { readonly cpu: string; readonly cores: number; readonly node: string } => ({
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  node: process.version,
});

/** The same as one line. */
export function machineLine(): string {
  const { cpu, cores, node } = machine();
  return `${cpu} (${cores} cores), Node ${node}, ${process.platform} ${process.arch}`;
}
