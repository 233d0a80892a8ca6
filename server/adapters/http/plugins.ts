import fastifyCompress from '@fastify/compress';
import fastifyHelmet from '@fastify/helmet';
import fastifyRateLimit from '@fastify/rate-limit';
import fastifySwagger from '@fastify/swagger';
import { jsonSchemaTransform, jsonSchemaTransformObject } from '@fastify/type-provider-zod';
import type { Api } from './api.ts';
import { HttpProblem } from './problem/http-problem.ts';

/** No eval and nothing inline: scripts and styles come from our own files or carry the nonce of the response. */
const CONTENT_SECURITY_POLICY = {
  defaultSrc: ["'self'"],
  scriptSrc: ["'self'"],
  styleSrc: ["'self'"],
  imgSrc: ["'self'", 'data:'],
  workerSrc: ["'self'"],
  connectSrc: ["'self'"],
  objectSrc: ["'none'"],
  baseUri: ["'none'"],
  frameAncestors: ["'none'"],
};

async function registerHeaders(app: Api): Promise<void> {
  await app.register(fastifyHelmet, {
    enableCSPNonces: true,
    contentSecurityPolicy: { useDefaults: false, directives: CONTENT_SECURITY_POLICY },
    crossOriginOpenerPolicy: { policy: 'same-origin' },
    crossOriginResourcePolicy: { policy: 'same-origin' },
    referrerPolicy: { policy: 'no-referrer' },
    frameguard: { action: 'deny' },
    // Whoever ends TLS in front of this server decides about HSTS; on loopback it would break other local pages.
    strictTransportSecurity: false,
  });
}

/** Requests per minute and address; the page's own files have a limit of their own. */
export const REQUESTS_PER_MINUTE = 1200;

async function registerLimits(app: Api): Promise<void> {
  await app.register(fastifyRateLimit, {
    max: REQUESTS_PER_MINUTE,
    timeWindow: 60_000,
    errorResponseBuilder: () => new HttpProblem('too_many_requests'),
  });
  // Brotli at its usual level costs more than it saves on answers that are made once.
  await app.register(fastifyCompress, { encodings: ['gzip'], threshold: 4096, globalDecompression: false });
}

async function registerDescription(app: Api, version: string): Promise<void> {
  await app.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Bulkhead',
        description:
          'Who talks to whom, what is normal, and the least-privilege policies that follow. Errors are problem details (RFC 9457) with a code of docs/errors.md.',
        version,
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
    },
    transform: jsonSchemaTransform,
    transformObject: jsonSchemaTransformObject,
  });
}

/** Registers what every route stands on; before any route, since plugins look at routes as they are added. */
export async function registerPlugins(app: Api, version: string): Promise<void> {
  await registerHeaders(app);
  await registerLimits(app);
  await registerDescription(app, version);
}
