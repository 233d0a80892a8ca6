import { credentials, status } from '@grpc/grpc-js';
import { describe, expect, test } from 'vitest';
import { type MadeCertificate, newAuthority } from '../../support/certificates.ts';
import { flowsOf, ObserverClient } from './observer-client.ts';
import { running } from './running-observer.ts';

const authority = newAuthority('Bulkhead test authority');
const stranger = newAuthority('somebody else');
const RELAY = 'instance.hubble-relay.cilium.io';
const server = authority.issue([RELAY]);

const trusting = (ca: string, own?: MadeCertificate) =>
  credentials.createSsl(
    Buffer.from(ca),
    own === undefined ? null : Buffer.from(own.key),
    own === undefined ? null : Buffer.from(own.cert),
  );

const flowsOver = async (client: ObserverClient) => {
  const stream = client.flows({ follow: true, since: { seconds: 0 } });
  const messages = flowsOf(await stream.until(10));
  stream.cancel();
  return messages.length;
};

describe('over TLS', () => {
  test('a client that trusts the authority gets its flows', async () => {
    const { address } = await running({ tls: server });
    const client = new ObserverClient(address, { creds: trusting(authority.cert), serverName: RELAY });
    expect(await client.check()).toEqual({ status: 'SERVING' });
    expect(await flowsOver(client)).toBeGreaterThan(5);
  });

  test('a client that looks for another name does not connect', async () => {
    const { address } = await running({ tls: server });
    const client = new ObserverClient(address, { creds: trusting(authority.cert), serverName: 'localhost' });
    await expect(client.check()).rejects.toMatchObject({ code: status.UNAVAILABLE });
  });

  test('a client that trusts another authority does not connect', async () => {
    const { address } = await running({ tls: server });
    const client = new ObserverClient(address, { creds: trusting(stranger.cert), serverName: RELAY });
    await expect(client.check()).rejects.toMatchObject({ code: status.UNAVAILABLE });
  });

  test('nor does one without TLS, nor one with TLS to a server without', async () => {
    const encrypted = await running({ tls: server });
    await expect(encrypted.client.check()).rejects.toMatchObject({ code: status.UNAVAILABLE });
    const plain = await running();
    const client = new ObserverClient(plain.address, { creds: trusting(authority.cert), serverName: RELAY });
    await expect(client.check()).rejects.toMatchObject({ code: status.UNAVAILABLE });
  });
});

describe('over TLS that asks for a client certificate', () => {
  const mutual = { ...server, clientCa: authority.cert };

  test('one of the authority is let in', async () => {
    const { address } = await running({ tls: mutual });
    const own = authority.issue(['ui.hubble-relay.cilium.io']);
    const client = new ObserverClient(address, { creds: trusting(authority.cert, own), serverName: RELAY });
    expect(await flowsOver(client)).toBeGreaterThan(5);
  });

  test('no certificate, or one of somebody else, is refused', async () => {
    const { address, observer } = await running({ tls: mutual });
    const nobody = new ObserverClient(address, { creds: trusting(authority.cert), serverName: RELAY });
    await expect(nobody.check()).rejects.toMatchObject({ code: status.UNAVAILABLE });
    const other = stranger.issue(['ui.hubble-relay.cilium.io']);
    const forged = new ObserverClient(address, { creds: trusting(authority.cert, other), serverName: RELAY });
    await expect(forged.check()).rejects.toMatchObject({ code: status.UNAVAILABLE });
    expect(observer.tally().sentMessages).toBe(0);
  });

  test('an expired one is refused', async () => {
    const { address } = await running({ tls: mutual });
    const expired = authority.issue(['ui'], { days: -1 });
    const client = new ObserverClient(address, {
      creds: trusting(authority.cert, expired),
      serverName: RELAY,
    });
    await expect(client.check()).rejects.toMatchObject({ code: status.UNAVAILABLE });
  });
});
