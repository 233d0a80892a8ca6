import type { IncomingMessage } from 'node:http';
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from '@fastify/type-provider-zod';
import fastify from 'fastify';
import type { QuestionRunner } from '../../app/ports/question-runner.ts';
import type { Workspace } from '../../app/workspace.ts';
import type { Api, ApiContext, FaultLog } from './api.ts';
import { type Access, createAccess } from './guard/access.ts';
import { createSessions } from './guard/sessions.ts';
import { createLiveFeed, type LiveFeed, type Schedule } from './live/live-feed.ts';
import { createMomentReader } from './live/moment.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { registerPlugins } from './plugins.ts';
import { HttpProblem, problemBody } from './problem/http-problem.ts';
import { answerClientError, answerFrameworkError } from './problem/raw.ts';
import { createErrorHandler, sendProblem } from './problem/respond.ts';
import type { Renderers } from './renderers.ts';
import { findingRoutes } from './routes/findings.ts';
import { edgeRoutes, graphRoutes, nodeRoutes } from './routes/graph.ts';
import { baselineRoutes, decisionRoutes, trainingRoutes } from './routes/learning.ts';
import { descriptionRoutes, healthRoutes } from './routes/operations.ts';
import { pageRoutes } from './routes/page.ts';
import { policyQuestionRoutes } from './routes/policy-questions.ts';
import { proposalRoutes } from './routes/proposals.ts';
import { sessionRoutes } from './routes/session.ts';
import { sourceRoutes } from './routes/sources.ts';

export interface HttpServerOptions {
  readonly workspace: Workspace;
  /** Folder of the built page. */
  readonly webRoot: string;
  /** `localhost`, `localhost:8080`, or a public URL; what {@link createAccess} reads. */
  readonly allowedHosts: readonly string[];
  readonly bearerToken?: string | undefined;
  readonly version: string;
  readonly renderers: Renderers;
  readonly logger?: FaultLog | undefined;
  /** Answers questions about policies; without one the server has no routes for them. */
  readonly questions?: QuestionRunner | undefined;
  /** The clock, in epoch ms. */
  readonly now: () => number;
  /** Paces the live picture. */
  readonly schedule: Schedule;
}

/** The server before it listens, and what the socket needs of it. */
export interface HttpServer {
  readonly app: Api;
  readonly feed: LiveFeed;
  /** Why an upgrade must not pass; undefined lets it pass. */
  readonly upgradeRefusal: (request: IncomingMessage) => string | undefined;
  readonly metrics: Metrics;
}

const BODY_LIMIT = 64 * 1024;
const REQUEST_TIMEOUT_MS = 30_000;

function createApp(): Api {
  let requests = 0;
  const app = fastify({
    // Two Host headers, or none, are ours to refuse.
    http: { requireHostHeader: false, headersTimeout: 15_000 },
    requestTimeout: REQUEST_TIMEOUT_MS,
    bodyLimit: BODY_LIMIT,
    trustProxy: false,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 2048 },
    genReqId: () => `r${++requests}`,
    frameworkErrors: answerFrameworkError,
    clientErrorHandler: answerClientError,
  }).withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.removeContentTypeParser('text/plain');
  return app;
}

/** Every route must say who may call it; only those that `ask`, `change` or log in may be anything but a GET. */
function demandAccess(app: Api): void {
  app.addHook('onRoute', ({ url, method, config }) => {
    const access = config?.access;
    const methods = [method].flat();
    const isReading = methods.every((each) => each === 'GET' || each === 'HEAD');
    if (access === undefined) throw new Error(`route ${url} does not say who may call it`);
    if (access !== 'public' && (access === 'read') !== isReading) {
      throw new Error(`route ${url} says ${access}, and answers ${methods.join(', ')}`);
    }
  });
}

function guard(app: Api, access: Access): void {
  app.decorateRequest('actor', undefined);
  app.addHook('onRequest', async (request, reply) => {
    reply.header('cache-control', 'no-store');
    const refusal = access.requestRefusal(request.raw);
    if (refusal !== undefined) throw new HttpProblem(refusal);
  });
  // After onRequest, where the rate limit counts: a wrong token costs as much as any other request.
  app.addHook('preParsing', async (request) => {
    request.actor = access.actorOf(request.raw);
    const isOpen = request.is404 || request.routeOptions.config.access === 'public';
    if (request.actor === undefined && !isOpen) throw new HttpProblem('login_required');
  });
}

function addRoutes(app: Api, context: ApiContext, metrics: Metrics): void {
  graphRoutes(app, context);
  edgeRoutes(app, context);
  nodeRoutes(app, context);
  trainingRoutes(app, context);
  baselineRoutes(app, context);
  decisionRoutes(app, context);
  proposalRoutes(app, context);
  findingRoutes(app, context);
  sourceRoutes(app, context);
  healthRoutes(app, context);
  descriptionRoutes(app, metrics);
}

/** Everything but listening: main says where, after `bindingProblem` found nothing wrong with it. */
export async function createHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const { workspace, bearerToken, renderers, version, now } = options;
  const app = createApp();
  const sessions = createSessions(now);
  const access = createAccess({ allowedHosts: options.allowedHosts, bearerToken, sessions });
  const read = createMomentReader(workspace);
  const feed = createLiveFeed(workspace, read, options.schedule);
  const metrics = createMetrics(workspace, version);

  app.setErrorHandler(createErrorHandler(options.logger));
  app.addHook('onResponse', async (request, reply) => {
    const { method, routeOptions } = request;
    metrics.answered({ method, route: routeOptions.url, status: reply.statusCode }, reply.elapsedTime / 1000);
  });
  app.addHook('onClose', async () => feed.close());
  await registerPlugins(app, version);
  demandAccess(app);
  guard(app, access);
  app.setNotFoundHandler({ preHandler: app.rateLimit() }, (_request, reply) =>
    sendProblem(reply, problemBody('not_found')),
  );
  addRoutes(app, { workspace, read, feed, renderers }, metrics);
  if (options.questions !== undefined) policyQuestionRoutes(app, options.questions);
  if (bearerToken !== undefined)
    sessionRoutes(app, { bearerToken, sessions, originOf: access.originOf, now });
  await pageRoutes(app, options.webRoot);
  return { app, feed, metrics, upgradeRefusal: access.upgradeRefusal };
}
