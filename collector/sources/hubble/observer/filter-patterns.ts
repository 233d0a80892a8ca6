import { setFlagsFromString } from 'node:v8';
import { type IpAddress, maskIp, parseIp } from '#core/net/ip.ts';

/** A pattern a client sent that can not be read; the message says which. */
export class PatternError extends Error {}

const MAX_PATTERN_LENGTH = 1024;

let hasLinearEngine = false;

/** Letters outside of escapes, whose case is folded. */
const folded = (pattern: string): string =>
  pattern.replaceAll(/\\.|[A-Z]/gs, (part) => (part.startsWith('\\') ? part : part.toLowerCase()));

/**
 * A regular expression of a client's, in V8's engine that runs in linear time: like the RE2 of the real server it
 * takes neither look-around nor back-references, and no pattern can keep it busy. That engine does not fold case, so
 * for `(?i)` both sides are made lower.
 */
export function clientRegExp(pattern: string): (text: string) => boolean {
  if (!hasLinearEngine) setFlagsFromString('--enable-experimental-regexp-engine');
  hasLinearEngine = true;
  if (pattern.length > MAX_PATTERN_LENGTH) throw new PatternError('a regular expression is too long');
  const isFolded = pattern.startsWith('(?i)');
  try {
    const expression = new RegExp(isFolded ? folded(pattern.slice(4)) : pattern, 'l');
    return (text) => expression.test(isFolded ? text.toLowerCase() : text);
  } catch (error) {
    throw new PatternError(`${pattern} is no regular expression: ${(error as Error).message}`);
  }
}

/** Compares a text with a pattern in which `*` stands for any run of characters `isRun` allows; linear per star. */
function globMatches(pattern: string, text: string): boolean {
  const parts = pattern.split('*');
  const [first = ''] = parts;
  const last = parts.at(-1) ?? '';
  if (parts.length === 1) return text === pattern;
  if (!text.startsWith(first) || text.length < first.length + last.length || !text.endsWith(last)) {
    return false;
  }
  let from = first.length;
  const end = text.length - last.length;
  for (const part of parts.slice(1, -1)) {
    const at = text.indexOf(part, from);
    if (at === -1 || at + part.length > end) return false;
    from = at + part.length;
  }
  return from <= end;
}

const FQDN_PATTERN = /^[-0-9a-z_.*]+$/;

/** A DNS name with stars, as it is compared: lower case, without a dot at the end. */
export function fqdnPattern(pattern: string): (name: string) => boolean {
  const canonical = pattern.trim().toLowerCase().replace(/\.$/, '');
  if (!FQDN_PATTERN.test(canonical)) throw new PatternError(`${pattern} is no DNS name or pattern`);
  return (name) => globMatches(canonical, name);
}

/** `node`, `cluster/node`, `cluster/` or patterns of these; a node without a cluster is in `default`. */
export function nodeNamePattern(pattern: string): (name: string) => boolean {
  const parts = pattern.split('/');
  if (pattern === '' || parts.length > 2) throw new PatternError(`${pattern} is no node name or pattern`);
  const [cluster = '', node = ''] = parts.length === 1 ? ['', ...parts] : parts;
  const isCluster = cluster === '' ? () => true : fqdnPattern(cluster);
  const isNode = node === '' ? () => true : fqdnPattern(node);
  return (name) => {
    const slash = name.indexOf('/');
    const clusterName = slash === -1 ? 'default' : name.slice(0, slash);
    return isCluster(clusterName) && isNode(name.slice(slash + 1));
  };
}

/** `namespace/prefix`, `namespace/` for all of it, or a prefix in the namespace `default`. */
export function namespacedPattern(pattern: string): (namespace: string, name: string) => boolean {
  const slash = pattern.indexOf('/');
  const wanted = slash === -1 ? 'default' : pattern.slice(0, slash);
  const prefix = pattern.slice(slash + 1);
  if (pattern === '' || pattern === '/') {
    throw new PatternError(`${JSON.stringify(pattern)} is not [namespace/][name]`);
  }
  return (namespace, name) => namespace === wanted && name.startsWith(prefix);
}

const isSame = (a: IpAddress, b: IpAddress): boolean =>
  a.family === b.family && a.groups.every((group, i) => group === b.groups[i]);

/** An address as it is written, or a prefix. */
export function ipPattern(pattern: string): (address: string) => boolean {
  const [address = '', length] = pattern.split('/');
  const ip = parseIp(address);
  const bits = length === undefined ? undefined : Number(length);
  const most = ip?.family === 4 ? 32 : 128;
  const isLength = bits === undefined || (/^\d{1,3}$/.test(length ?? '') && bits <= most);
  if (ip === undefined || !isLength) throw new PatternError(`${pattern} is no address and no prefix`);
  if (bits === undefined) return (text) => text === pattern;
  const network = maskIp(ip, bits);
  return (text) => {
    const other = parseIp(text);
    return other !== undefined && isSame(maskIp(other, bits), network);
  };
}
