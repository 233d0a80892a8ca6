/** Every problem the API can answer with: its status, its title, and what it says when nothing better is known. */
export const PROBLEMS = {
  request_malformed: [400, 'Request malformed', 'The request is not what this address expects.'],
  login_required: [401, 'Login required', 'Show the bearer token this server was started with.'],
  token_wrong: [401, 'Token wrong', 'This is not the bearer token this server was started with.'],
  origin_not_allowed: [
    403,
    'Origin not allowed',
    "A change must come from Bulkhead's own page: the Origin header must name the server's own address.",
  ],
  not_found: [404, 'Not found', 'There is nothing at this address.'],
  unknown_edge: [404, 'Unknown edge', 'The live graph has no such edge; it may have been folded or renamed.'],
  unknown_node: [
    404,
    'Unknown node',
    'The live graph has no such vertex; it may have been folded or renamed.',
  ],
  unknown_finding: [404, 'Unknown finding', 'There is no such finding.'],
  no_baseline: [404, 'No baseline yet', 'No training window has closed yet, so there is no baseline.'],
  no_proposal: [404, 'No proposal yet', 'There is no proposal yet: it is made with the first baseline.'],
  request_timed_out: [408, 'Request timed out', 'The request did not arrive in time.'],
  body_too_large: [413, 'Body too large', 'The body is larger than 64 KiB.'],
  json_required: [415, 'JSON required', 'Send the body as application/json, not compressed.'],
  host_not_allowed: [
    421,
    'Host not allowed',
    'The Host header names no address of this server; a public address must be on its list of allowed hosts.',
  ],
  too_many_requests: [
    429,
    'Too many requests',
    'Too many requests from this address; try again in a minute.',
  ],
  too_many_attempts: [
    429,
    'Too many attempts',
    'Too many wrong tokens from this address; try again in a minute.',
  ],
  headers_too_large: [431, 'Headers too large', 'The headers of the request are larger than 16 KiB.'],
  unexpected: [500, 'Unexpected fault', 'This is a fault of Bulkhead; its log has the details.'],
  not_ready: [503, 'Not ready', 'The sources are still being read and no baseline is learnt yet.'],
  page_not_built: [
    503,
    'Page not built',
    'The page is not built yet: run `npm run build:web` and start the server again. The API works without it.',
  ],
  too_many_clients: [503, 'Too many clients', 'Too many pages are connected to this server already.'],
} as const satisfies Readonly<Record<string, readonly [status: number, title: string, detail: string]>>;

/** A code of `docs/errors.md`. */
export type ProblemCode = keyof typeof PROBLEMS;
