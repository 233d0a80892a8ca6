import { canonicalJson, toJson } from '#core/baseline/canonical-json.ts';
import type { Certificate } from '../certificate.ts';
import type { HashText } from '../hash.ts';
import type { NetworkPolicy } from '../network-policy.ts';

/** Hash of everything a certificate says, but for the hash itself and the version of the tool that wrote it. */
export function contentHashOf(certificate: Omit<Certificate, 'contentHash'>, hash: HashText): string {
  const { toolVersion: _toolVersion, ...content } = certificate;
  const { contentHash: _contentHash, ...said } = content as Partial<Certificate>;
  return hash(canonicalJson(toJson(said)));
}

/** One text for equal policies, whatever the order of their fields. */
export const policyText = (policy: NetworkPolicy): string => canonicalJson(toJson(policy));

/** `namespace/name`; a policy without a namespace belongs to `default`. */
export const policyId = ({ metadata }: NetworkPolicy): string =>
  `${metadata.namespace ?? 'default'}/${metadata.name}`;
