import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { failed, ok, type Result } from '#core/result.ts';
import type { RelayAddress } from './address.ts';
import { type CallFailure, callFailure, failureOfError } from './call-failure.ts';
import type { TlsMaterial } from './tls-files.ts';

/** How a server is reached. */
export interface Reach {
  readonly address: RelayAddress;
  /** The name its certificate must have: the host unless another is given. */
  readonly serverName: string;
  readonly material: TlsMaterial;
  readonly allowInsecure: boolean;
  readonly timeoutMs: number;
}

const NO_MATERIAL: TlsMaterial = { ca: undefined, cert: undefined, key: undefined };

const target = ({ at }: RelayAddress) =>
  at.kind === 'tcp' ? { host: at.host, port: at.port } : { path: at.path };

function startTls({ address, serverName, material, allowInsecure }: Reach): TLSSocket {
  const { ca, cert, key } = material;
  return connectTls({
    ...target(address),
    // An address is no server name (RFC 6066 §3); the certificate is held against it all the same.
    ...(isIP(serverName) === 0 ? { servername: serverName } : {}),
    ALPNProtocols: ['h2'],
    minVersion: 'TLSv1.2',
    rejectUnauthorized: !allowInsecure,
    ...(ca === undefined ? {} : { ca: [...ca] }),
    ...(cert === undefined || key === undefined ? {} : { cert, key }),
  });
}

/** Why a socket that never was ready failed, when its error does not say. */
const unexplained = (isTls: boolean): CallFailure => callFailure(isTls ? 'plain_server' : 'cut');

/** Files that can not be used together fail before anything is sent. */
function beginTls(reach: Reach): Result<TLSSocket, CallFailure> {
  try {
    return ok(startTls(reach));
  } catch (error) {
    const reason = error instanceof Error ? error.message : '';
    return failed(
      callFailure('tls_files', `The client certificate and key can not be used together (${reason}).`),
    );
  }
}

/** Waits until the socket is ready for HTTP/2, for so long at most. */
function whenReady(socket: Socket, reach: Reach): Promise<Result<Socket, CallFailure>> {
  const { isTls } = reach.address;
  const ready = isTls ? 'secureConnect' : 'connect';
  const hasClientCertificate = reach.material.cert !== undefined;
  return new Promise((resolve) => {
    const settle = (result: Result<Socket, CallFailure>): void => {
      clearTimeout(timer);
      socket.off(ready, onReady).off('error', onError).off('close', onClose);
      if (!result.ok) {
        socket.on('error', () => undefined); // what a dying socket still says
        socket.destroy();
      }
      resolve(result);
    };
    const onReady = (): void => settle(ok(socket));
    const onError = (error: Error): void =>
      settle(failed(failureOfError(error, { hasClientCertificate }) ?? unexplained(isTls)));
    const onClose = (): void => settle(failed(unexplained(isTls)));
    const timer = setTimeout(() => settle(failed(callFailure('no_answer'))), reach.timeoutMs);
    socket.on(ready, onReady).on('error', onError).on('close', onClose);
  });
}

/** Opens a socket to the server, with TLS where the address asks for it. */
export async function connectSocket(reach: Reach): Promise<Result<Socket, CallFailure>> {
  const { isTls } = reach.address;
  const begun = isTls ? beginTls(reach) : ok(connectTcp(target(reach.address)));
  if (!begun.ok) return begun;
  begun.value.setNoDelay(true);
  return whenReady(begun.value, reach);
}

/** Failures that only a server which speaks TLS can cause. */
const TLS_SPEAKERS: ReadonlySet<CallFailure['code']> = new Set([
  'certificate_untrusted',
  'certificate_name',
  'certificate_expired',
  'certificate_early',
  'client_certificate_missing',
  'client_certificate_refused',
  'not_http2',
]);

/**
 * Whether what listens there speaks TLS: found out with a handshake that checks the certificate like any other, and
 * over which nothing is sent.
 */
export async function speaksTls(reach: Reach): Promise<boolean> {
  const address: RelayAddress = { ...reach.address, isTls: true };
  const result = await connectSocket({ ...reach, address, material: NO_MATERIAL, allowInsecure: false });
  if (result.ok) result.value.destroy();
  return result.ok || TLS_SPEAKERS.has(result.error.code);
}
