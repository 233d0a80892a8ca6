import type { ZodTypeProvider } from '@fastify/type-provider-zod';
import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify';
import type { Workspace } from '../../app/workspace.ts';
import type { Actor } from './guard/access.ts';
import type { LiveFeed } from './live/live-feed.ts';
import type { MomentReader } from './live/moment.ts';
import type { Renderers } from './renderers.ts';

/**
 * `public` needs no login and shows no data; `read` answers a GET; `ask` answers a POST, since its question has a body,
 * and changes nothing either; `change` is the only one that may change anything.
 */
export type RouteAccess = 'public' | 'read' | 'ask' | 'change';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Every route says who may call it; without it the server does not start. */
    access?: RouteAccess;
  }
  interface FastifyRequest {
    /** Set once the login was checked. */
    actor: Actor | undefined;
  }
}

/** fastify with zod as its schemas. */
export type Api = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  ZodTypeProvider
>;

/** What the routes answer from. */
export interface ApiContext {
  readonly workspace: Workspace;
  readonly read: MomentReader;
  readonly feed: LiveFeed;
  readonly renderers: Renderers;
}

/** Where an unexpected fault is told; the answer to the client says nothing about it. */
export interface FaultLog {
  error(facts: Readonly<Record<string, unknown>>, message: string): void;
}
