import { z } from 'zod';
import type { Api } from '../api.ts';
import { createAttempts } from '../guard/attempts.ts';
import type { OriginOf } from '../guard/hosts.ts';
import {
  endedSessionCookie,
  isSameSecret,
  type Sessions,
  sessionCookie,
  sessionIdIn,
} from '../guard/sessions.ts';
import { HttpProblem } from '../problem/http-problem.ts';
import { PROBLEM_ANSWERS } from './schemas.ts';

const TAGS = ['session'];

const SessionRequest = z.object({ token: z.string().min(1).max(1024) }).meta({ id: 'SessionRequest' });

export interface SessionContext {
  readonly bearerToken: string;
  readonly sessions: Sessions;
  readonly originOf: OriginOf;
  /** The clock, in epoch ms. */
  readonly now: () => number;
}

/** A browser can not send an Authorization header with a page: it trades the token for a cookie. */
export function sessionRoutes(app: Api, { bearerToken, sessions, originOf, now }: SessionContext): void {
  const attempts = createAttempts(now);

  app.post(
    '/api/v1/session',
    {
      config: { access: 'public' },
      schema: {
        operationId: 'openSession',
        summary: 'Trades the bearer token for a session cookie',
        tags: TAGS,
        body: SessionRequest,
        response: { 204: z.null(), ...PROBLEM_ANSWERS },
      },
    },
    (request, reply) => {
      if (!attempts.isAllowed(request.ip)) throw new HttpProblem('too_many_attempts');
      if (!isSameSecret(request.body.token, bearerToken)) {
        attempts.failed(request.ip);
        throw new HttpProblem('token_wrong');
      }
      const id = sessions.open();
      if (id === undefined) throw new HttpProblem('too_many_clients');
      const secure = originOf(request.raw)?.startsWith('https:') === true;
      reply.code(204).header('set-cookie', sessionCookie(id, { secure })).send(null);
    },
  );

  app.post(
    '/api/v1/session/end',
    {
      config: { access: 'change' },
      schema: {
        operationId: 'endSession',
        summary: 'Ends the session of the cookie',
        tags: TAGS,
        body: z.object({}),
        response: { 204: z.null(), ...PROBLEM_ANSWERS },
      },
    },
    (request, reply) => {
      const id = sessionIdIn(request.headers.cookie);
      if (id !== undefined) sessions.end(id);
      reply.code(204).header('set-cookie', endedSessionCookie).send(null);
    },
  );
}
