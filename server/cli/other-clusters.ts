import type { SeenWorld } from '#core/identity/seen-pod.ts';
import { clustersOf } from '../app/scope-of.ts';
import type { ReadingOptions } from './reading.ts';
import { printable, type Terminal } from './terminal.ts';

/** Says on standard error which clusters of the input are not looked at, unless somebody chose one. */
export function tellOtherClusters(
  terminal: Terminal,
  world: SeenWorld,
  { cluster, options }: { readonly cluster: string; readonly options: Pick<ReadingOptions, 'cluster'> },
): void {
  if (options.cluster !== undefined) return;
  const others = clustersOf(world).filter(({ name }) => name !== cluster);
  if (others.length === 0) return;
  const names = others.map(({ name }) => name).join(', ');
  const about = `bulkhead: this is about cluster ${cluster}; the input also has ${names} (see --cluster)`;
  terminal.err(`${printable(about)}\n`);
}

/** Says on standard error that lines of several clusters stand together: they name none, and two may look alike. */
export function tellMixedClusters(
  terminal: Terminal,
  world: SeenWorld,
  options: Pick<ReadingOptions, 'cluster'>,
): void {
  const names = clustersOf(world).map(({ name }) => name);
  if (options.cluster !== undefined || names.length < 2) return;
  const about = `bulkhead: these are edges of clusters ${names.join(', ')} together; --cluster keeps one`;
  terminal.err(`${printable(about)}\n`);
}
