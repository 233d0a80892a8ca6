import type { Brand } from '#core/brand.ts';

/**
 * Every string in a flow was written by somebody who may be an attacker. A name becomes usable as selector, key,
 * file name or metric label only by going through one of these parsers; what does not pass can still be shown.
 */

/** A Kubernetes namespace: an RFC 1123 label. */
export type NamespaceName = Brand<string, 'NamespaceName'>;
/** Name of a pod, workload, node or policy: an RFC 1123 subdomain. */
export type ObjectName = Brand<string, 'ObjectName'>;
/** A fully qualified domain name in lower case, without the trailing dot. */
export type DnsName = Brand<string, 'DnsName'>;

const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
/** Within a subdomain the API server limits the whole, not its parts. */
const SUBDOMAIN_PART = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;
const DNS_LABEL = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;
const QUALIFIED_PART = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;

const isSubdomain = (text: string): boolean =>
  text.length > 0 && text.length <= 253 && text.split('.').every((part) => SUBDOMAIN_PART.test(part));

/** RFC 1123 label of at most 63 characters, or undefined. */
export const parseNamespaceName = (text: string): NamespaceName | undefined =>
  LABEL.test(text) ? (text as NamespaceName) : undefined;

/** RFC 1123 subdomain of at most 253 characters, or undefined. */
export const parseObjectName = (text: string): ObjectName | undefined =>
  isSubdomain(text) ? (text as ObjectName) : undefined;

/** A domain name (RFC 1035, underscores allowed as in RFC 2782), lower-cased, trailing dot removed; or undefined. */
export function parseDnsName(text: string): DnsName | undefined {
  const name = (text.endsWith('.') ? text.slice(0, -1) : text).toLowerCase();
  const isValid =
    name.length > 0 && name.length <= 253 && name.split('.').every((part) => DNS_LABEL.test(part));
  return isValid ? (name as DnsName) : undefined;
}

/** True for a label key the API server accepts: an optional DNS prefix, a slash, and a qualified name. */
export function isLabelKey(text: string): boolean {
  const slash = text.indexOf('/');
  if (slash === -1) return QUALIFIED_PART.test(text);
  return isSubdomain(text.slice(0, slash)) && QUALIFIED_PART.test(text.slice(slash + 1));
}

/** True for a label value the API server accepts: empty, or a qualified name of at most 63 characters. */
export const isLabelValue = (text: string): boolean => text === '' || QUALIFIED_PART.test(text);
