import { createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

/*
 * Certificates made while a test runs: X.509 v3 (RFC 5280) in DER (X.690) with an EC P-256 key and ECDSA with SHA-256
 * (RFC 5758), as much of it as TLS needs.
 */

/** A certificate and its private key, as PEM. */
export interface MadeCertificate {
  readonly cert: string;
  readonly key: string;
}

/** An authority that signs others, and may sign what it should not. */
export interface Authority extends MadeCertificate {
  /** A certificate for these names and addresses, valid for the days given; below zero it has expired. */
  issue(names: readonly string[], options?: { readonly days?: number }): MadeCertificate;
}

const TAG = { integer: 2, bits: 3, octets: 4, oid: 6, utf8: 12, utcTime: 23, sequence: 48, set: 49 } as const;
const OID = {
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  commonName: '2.5.4.3',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
} as const;

function lengthOf(count: number): Buffer {
  if (count < 128) return Buffer.from([count]);
  const bytes = count < 256 ? [count] : [count >> 8, count & 255];
  return Buffer.from([0x80 | bytes.length, ...bytes]);
}

function der(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents);
  return Buffer.concat([Buffer.from([tag]), lengthOf(content.length), content]);
}

const sequence = (...items: readonly Uint8Array[]): Buffer => der(TAG.sequence, ...items);

function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = [first * 40 + second];
  for (const arc of rest) {
    const groups = [arc & 127];
    for (let left = arc >> 7; left > 0; left >>= 7) groups.unshift((left & 127) | 128);
    bytes.push(...groups);
  }
  return der(TAG.oid, Buffer.from(bytes));
}

const integer = (value: Uint8Array): Buffer =>
  der(TAG.integer, (value[0] ?? 0) > 127 ? Buffer.concat([Buffer.from([0]), value]) : value);

const nameOf = (common: string): Buffer =>
  sequence(der(TAG.set, sequence(oid(OID.commonName), der(TAG.utf8, Buffer.from(common)))));

const utcTime = (at: Date): Buffer =>
  der(TAG.utcTime, Buffer.from(`${at.toISOString().slice(2, 19).replaceAll(/[-:T]/g, '')}Z`));

const DAY_MS = 86_400_000;

function validity(days: number): Buffer {
  const now = Date.now();
  return sequence(utcTime(new Date(now - 400 * DAY_MS)), utcTime(new Date(now + days * DAY_MS)));
}

const DNS_NAME = 0x82;
const IP_ADDRESS = 0x87;

function altName(name: string): Buffer {
  const isAddress = /^\d+(?:\.\d+){3}$/.test(name);
  return isAddress
    ? der(IP_ADDRESS, Buffer.from(name.split('.').map(Number)))
    : der(DNS_NAME, Buffer.from(name));
}

const extension = (id: string, value: Uint8Array): Buffer => sequence(oid(id), der(TAG.octets, value));

interface Facts {
  readonly subject: string;
  readonly issuer: string;
  readonly publicKey: KeyObject;
  readonly signingKey: KeyObject;
  readonly days: number;
  readonly extensions: readonly Buffer[];
}

let serial = 0;

function certificate(facts: Facts): string {
  serial += 1;
  const algorithm = sequence(oid(OID.ecdsaWithSha256));
  const body = sequence(
    der(0xa0, integer(Buffer.from([2]))),
    integer(Buffer.from([1, serial >> 8, serial & 255])),
    algorithm,
    nameOf(facts.issuer),
    validity(facts.days),
    nameOf(facts.subject),
    facts.publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(...facts.extensions)),
  );
  const signature = sign('sha256', body, facts.signingKey);
  const whole = sequence(body, algorithm, der(TAG.bits, Buffer.from([0]), signature));
  const lines = whole.toString('base64').replaceAll(/.{64}/g, '$&\n').trimEnd();
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}

const newKey = (): KeyObject => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const pemOf = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString();

/** A new authority, trusted by nobody yet. */
export function newAuthority(name: string): Authority {
  const key = newKey();
  const isAuthority = sequence(der(1, Buffer.from([255])));
  const cert = certificate({
    subject: name,
    issuer: name,
    publicKey: createPublicKey(key),
    signingKey: key,
    days: 30,
    extensions: [extension(OID.basicConstraints, isAuthority)],
  });
  return {
    cert,
    key: pemOf(key),
    issue: (names, { days = 30 } = {}) => {
      const own = newKey();
      const issued = certificate({
        subject: names[0] ?? 'nobody',
        issuer: name,
        publicKey: createPublicKey(own),
        signingKey: key,
        days,
        extensions: [extension(OID.subjectAltName, sequence(...names.map(altName)))],
      });
      return { cert: issued, key: pemOf(own) };
    },
  };
}
