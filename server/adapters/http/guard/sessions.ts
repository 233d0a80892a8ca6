import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

const SESSION_MS = 12 * 3_600_000;
const SESSIONS_AT_MOST = 1000;

/** No `__Host-` prefix: that asks for `Secure`, and on loopback there is no TLS. */
export const SESSION_COOKIE = 'bulkhead_session';

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Compares in constant time, whatever the lengths. */
export const isSameSecret = (a: string, b: string): boolean => timingSafeEqual(digest(a), digest(b));

/** Who has shown the bearer token. Kept in memory, as hashes: a restart asks again. */
export interface Sessions {
  /** A new session's id; undefined when there are too many. */
  open(): string | undefined;
  isOpen(id: string): boolean;
  end(id: string): void;
}

/** An empty table; `now` is the clock in epoch ms. */
export function createSessions(now: () => number): Sessions {
  const expiryByHash = new Map<string, number>();
  const keyOf = (id: string): string => digest(id).toString('hex');
  const dropExpired = (): void => {
    for (const [key, expiresAt] of expiryByHash) if (expiresAt <= now()) expiryByHash.delete(key);
  };
  return {
    open() {
      dropExpired();
      if (expiryByHash.size >= SESSIONS_AT_MOST) return undefined;
      const id = randomBytes(32).toString('base64url');
      expiryByHash.set(keyOf(id), now() + SESSION_MS);
      return id;
    },
    isOpen: (id) => (expiryByHash.get(keyOf(id)) ?? 0) > now(),
    end(id) {
      expiryByHash.delete(keyOf(id));
    },
  };
}

/** The session id among the cookies of a request; undefined when there is none, or more than one. */
export function sessionIdIn(cookieHeader: string | undefined): string | undefined {
  const values = (cookieHeader ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${SESSION_COOKIE}=`))
    .map((pair) => pair.slice(SESSION_COOKIE.length + 1));
  return values.length === 1 ? values[0] : undefined;
}

/** `Secure` only where the page is served over TLS. */
export const sessionCookie = (id: string, isSecure: { readonly secure: boolean }): string =>
  `${SESSION_COOKIE}=${id}; Path=/; HttpOnly; SameSite=Strict${isSecure.secure ? '; Secure' : ''}`;

/** Makes the browser forget the session. */
export const endedSessionCookie = `${SESSION_COOKIE}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0`;
