import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Manifest, manifestsIn } from '../../support/manifests.ts';

const FOLDER = join(import.meta.dirname, '../../../deploy/manifests');

export const textOf = (file: string): string => readFileSync(join(FOLDER, file), 'utf8');

/** The objects of `deploy/manifests/bulkhead.yaml`. */
export const plain = manifestsIn(textOf('bulkhead.yaml'));

/** The one object of a kind. Throws when there is none, or another one. */
export function only<Shape = Manifest>(kind: string, among: readonly Manifest[] = plain): Shape {
  const [found, ...more] = among.filter((each) => each.kind === kind);
  if (found === undefined || more.length > 0) throw new Error(`there is not exactly one ${kind}`);
  return found as Shape;
}
