import { hasZodFastifySchemaValidationErrors } from '@fastify/type-provider-zod';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import type { Problem } from '#contract/problem.ts';
import type { FaultLog } from '../api.ts';
import type { ProblemCode } from './codes.ts';
import { HttpProblem, PROBLEM_TYPE, problemBody, quoted } from './http-problem.ts';

/** Faults that fastify itself finds in a request. Other 4xx of its own count as malformed. */
const FRAMEWORK_CODES: Readonly<Record<string, ProblemCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'body_too_large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'json_required',
  FST_ERR_NOT_FOUND: 'not_found',
  FST_ERR_MAX_PARAM_LENGTH: 'not_found',
};

type Issues = readonly { readonly instancePath: string; readonly message?: string }[];

/** The first field that was wrong; the message is the schema's own and holds no value of the request. */
function validationProblem(issues: Issues, part: string | undefined): Problem {
  const [issue] = issues;
  const at = issue?.instancePath.replace(/^\//, '').replaceAll('/', '.') ?? '';
  const where = at === '' ? (part ?? 'body') : at;
  return problemBody('request_malformed', {
    at: where,
    detail: `${quoted(where)}: ${fixedMessage(issue?.message)}`,
  });
}

/** zod names unknown keys in its message, and a key is text from outside. */
const fixedMessage = (message: string | undefined): string =>
  message === undefined || message.startsWith('Unrecognized key')
    ? 'Not what this address expects.'
    : `${message}.`;

/** `64 KiB`, `2 MiB`. */
const sizeText = (bytes: number): string =>
  bytes % (1024 * 1024) === 0 ? `${bytes / 1024 / 1024} MiB` : `${Math.round(bytes / 1024)} KiB`;

/** A route may take more than others. */
function tooLarge({ routeOptions }: FastifyRequest): Problem {
  const { bodyLimit } = routeOptions;
  const detail = bodyLimit === undefined ? {} : { detail: `The body is larger than ${sizeText(bodyLimit)}.` };
  return problemBody('body_too_large', detail);
}

/** What to answer to an error; undefined when it is a fault of ours. */
function problemFor(error: FastifyError, request: FastifyRequest): Problem | undefined {
  if (error instanceof HttpProblem) return error.body;
  if (hasZodFastifySchemaValidationErrors(error)) {
    return validationProblem(error.validation, error.validationContext);
  }
  const code = FRAMEWORK_CODES[error.code];
  if (code === 'body_too_large') return tooLarge(request);
  if (code !== undefined) return problemBody(code);
  const isClients = error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500;
  return isClients ? problemBody('request_malformed') : undefined;
}

/** Sends a problem as text of our own making, past every response schema. */
export const sendProblem = (reply: FastifyReply, problem: Problem): FastifyReply =>
  reply
    .code(problem.status)
    .header('cache-control', 'no-store')
    .type(PROBLEM_TYPE)
    .serializer((text: unknown) => String(text))
    .send(JSON.stringify(problem));

/** Text, since an Error turns into `{}` in a log that writes JSON. */
const faultText = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error);

/** Turns whatever was thrown into a problem; the stack and the message go to the log and nowhere else. */
export function createErrorHandler(log: FaultLog | undefined) {
  return (error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const problem = problemFor(error, request);
    if (problem !== undefined) return sendProblem(reply, problem);
    log?.error(
      { fault: faultText(error), request: request.id, route: request.routeOptions.url ?? 'none' },
      'unexpected fault while answering a request',
    );
    const detail = `This is a fault of Bulkhead; its log has the details under request ${request.id}.`;
    return sendProblem(reply, problemBody('unexpected', { detail }));
  };
}
