import type { IncomingMessage } from 'node:http';
import type { ProblemCode } from '../problem/codes.ts';
import { createOriginOf, type OriginOf } from './hosts.ts';
import { isSameSecret, type Sessions, sessionIdIn } from './sessions.ts';

type Headers = Pick<IncomingMessage, 'headers' | 'rawHeaders' | 'method'>;

/** Who asks: whoever sits at the machine, or whoever showed the bearer token. */
export type Actor = 'local' | 'token';

/** Who may ask for what, on HTTP and on the socket's upgrade alike. */
export interface Access {
  readonly originOf: OriginOf;
  /** Host, origin and content type; a state changes only by JSON from our own page. */
  requestRefusal(request: Headers): ProblemCode | undefined;
  /** Undefined when a login is needed and none was shown. */
  actorOf(request: Pick<IncomingMessage, 'headers'>): Actor | undefined;
  /** An upgrade must name our host, come from our page, and carry the login; undefined lets it pass. */
  upgradeRefusal(request: Headers): ProblemCode | undefined;
}

export interface AccessOptions {
  readonly allowedHosts: readonly string[];
  readonly bearerToken: string | undefined;
  readonly sessions: Sessions;
}

const BEARER = /^Bearer +([\x21-\x7e]+)$/i;

const isJson = (contentType: string | undefined): boolean =>
  contentType?.split(';', 1)[0]?.trim().toLowerCase() === 'application/json';

const isReading = (method: string | undefined): boolean => method === 'GET' || method === 'HEAD';

/** The rules for one server. */
export function createAccess({ allowedHosts, bearerToken, sessions }: AccessOptions): Access {
  const originOf = createOriginOf(allowedHosts);

  const actorOf = ({ headers }: Pick<IncomingMessage, 'headers'>): Actor | undefined => {
    if (bearerToken === undefined) return 'local';
    const shown = BEARER.exec(headers.authorization ?? '')?.[1];
    if (shown !== undefined) return isSameSecret(shown, bearerToken) ? 'token' : undefined;
    const session = sessionIdIn(headers.cookie);
    return session !== undefined && sessions.isOpen(session) ? 'token' : undefined;
  };

  return {
    originOf,
    actorOf,
    requestRefusal(request) {
      const origin = originOf(request);
      if (origin === undefined) return 'host_not_allowed';
      if (isReading(request.method)) return undefined;
      if (request.headers.origin !== origin) return 'origin_not_allowed';
      return isJson(request.headers['content-type']) ? undefined : 'json_required';
    },
    upgradeRefusal(request) {
      const origin = originOf(request);
      if (origin === undefined) return 'host_not_allowed';
      if (request.headers.origin !== origin) return 'origin_not_allowed';
      return actorOf(request) === undefined ? 'login_required' : undefined;
    },
  };
}
