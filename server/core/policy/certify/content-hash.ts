import { canonicalJson, toJson } from '#core/baseline/canonical-json.ts';
import { sortedBy } from '#core/order.ts';
import type { Certificate } from '../certificate.ts';
import type { HashText } from '../hash.ts';
import type { NetworkPolicy } from '../network-policy.ts';
import { mapping } from './steps.ts';

/** Hash of everything a certificate says, but for the hash itself and the version of the tool that wrote it. */
export function contentHashOf(certificate: Omit<Certificate, 'contentHash'>, hash: HashText): string {
  const { toolVersion: _toolVersion, ...content } = certificate;
  const { contentHash: _contentHash, ...said } = content as Partial<Certificate>;
  return hash(canonicalJson(toJson(said)));
}

/** The same in steps: the text of a large certificate takes a second to write. */
export function* hashingContent(
  certificate: Omit<Certificate, 'contentHash'>,
  hash: HashText,
): Generator<undefined, string> {
  const { toolVersion: _toolVersion, ...content } = certificate;
  const { contentHash: _contentHash, ...said } = content as Partial<Certificate>;
  return hash(yield* writing(said, OBJECTS_BELOW));
}

/** Levels of objects whose fields are written in steps of their own: the certificate, its world, its minimality. */
const OBJECTS_BELOW = 2;

/** What `canonicalJson` says of a value, its long lists piece by piece. */
function* writing(value: unknown, levels: number): Generator<undefined, string> {
  if (Array.isArray(value)) return `[${(yield* mapping(value, textOf)).join(',')}]`;
  if (levels === 0 || typeof value !== 'object' || value === null) return textOf(value);
  const fields: string[] = [];
  for (const [key, each] of sortedBy(Object.entries(value), ([name]) => name)) {
    if (each !== undefined) fields.push(`${JSON.stringify(key)}:${yield* writing(each, levels - 1)}`);
  }
  return `{${fields.join(',')}}`;
}

const textOf = (value: unknown): string => canonicalJson(toJson(value));

/** One text for equal policies, whatever the order of their fields. */
export const policyText = (policy: NetworkPolicy): string => canonicalJson(toJson(policy));

/** `namespace/name`; a policy without a namespace belongs to `default`. */
export const policyId = ({ metadata }: NetworkPolicy): string =>
  `${metadata.namespace ?? 'default'}/${metadata.name}`;
