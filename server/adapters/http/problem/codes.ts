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
  no_current_policies: [
    404,
    'No current policies',
    'The server was started without --policies, so there are no current policies to ask about.',
  ],
  nobody_known: [
    404,
    'Nobody known',
    'No workload is known: no flow has shown one yet, and the manifests of --policies declare none.',
  ],
  end_unknown: [
    404,
    'End unknown',
    'No one end is known by this name; where `lines` are given, one of them may be meant.',
  ],
  request_timed_out: [408, 'Request timed out', 'The request did not arrive in time.'],
  proposal_replaced: [
    409,
    'Proposal replaced',
    'The proposal with this id is not the current one any more; ask about the current one.',
  ],
  body_too_large: [413, 'Body too large', 'The body is larger than 64 KiB.'],
  json_required: [415, 'JSON required', 'Send the body as application/json, not compressed.'],
  host_not_allowed: [
    421,
    'Host not allowed',
    'The Host header names no address of this server; a public address must be on its list of allowed hosts.',
  ],
  manifests_unreadable: [
    422,
    'Manifests unreadable',
    'The manifests that were sent hold no policy that could be read; `lines` say what is wrong, and where.',
  ],
  segments_unusable: [
    422,
    'Segments unusable',
    'The file of segments that was sent can not be used; `lines` say what is wrong, and where.',
  ],
  question_too_long: [
    422,
    'Question too long',
    'It takes longer than 20 seconds, or more than a gigabyte: ask about one workload or fewer networks, or use the command line, which has no limit.',
  ],
  answer_too_large: [
    422,
    'Answer too large',
    'The answer is larger than 16 MiB: lower `limit`, name `namespaces`, or use the command line, which has no limit.',
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
  too_many_questions: [
    503,
    'Too many questions',
    'Five questions about policies are being answered or wait already; try again in a few seconds.',
  ],
  too_many_clients: [503, 'Too many clients', 'Too many pages are connected to this server already.'],
} as const satisfies Readonly<Record<string, readonly [status: number, title: string, detail: string]>>;

/** A code of `docs/errors.md`. */
export type ProblemCode = keyof typeof PROBLEMS;
