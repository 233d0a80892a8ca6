import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { Server } from 'socket.io';
import type { GraphSnapshot } from '#contract/graph.ts';
import type { FindingView } from '#contract/learning.ts';
import type { GraphDelta } from '#contract/socket.ts';
import { blastAnswer, explainAnswer } from './page-fixture-answers.ts';
import { crowdSnapshot } from './page-fixture-crowd.ts';
import { edgeDetail, nodeDetail } from './page-fixture-details.ts';
import {
  baselineDetail,
  baselineSummary,
  proposalDetail,
  proposalSummary,
  training,
} from './page-fixture-proposal.ts';
import { shopFindings, shopSnapshot } from './page-fixture-shop.ts';
import { sourcesHealth } from './page-fixture-sources.ts';

/** What the fixture serves: the shop, 300 workloads, nothing yet, refusals, or nothing without a login. */
export type PageVariant = 'shop' | 'crowd' | 'empty' | 'error' | 'locked';

/** The page over made-up data, with the headers the product sends. */
export interface PageFixture {
  readonly url: string;
  /** Sends a delta to every page that is connected; its edges are known from then on. */
  push(delta: GraphDelta): void;
  /** Ends every connection and takes no new one: pages see the line go down. */
  disconnect(): void;
  close(): Promise<void>;
}

const DIST = new URL('../../web/dist/', import.meta.url).pathname;
const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.html': 'text/html',
};

/** Serves the built page (`npm run build:web` first) and the variant's data on a free port. */
export async function startPageFixture(variant: PageVariant): Promise<PageFixture> {
  const graph = snapshotOf(variant);
  const findings: readonly FindingView[] = variant === 'shop' ? shopFindings : [];
  const server = createServer((request, response) => {
    void answer({ request, response, graph, findings, variant });
  });
  let isDown = false;
  const io = new Server(server, {
    serveClient: false,
    allowRequest: (_request, allow) => allow(null, !isDown && variant !== 'locked'),
  });
  io.on('connection', (socket) => {
    const greet = (): void => {
      socket.emit('snapshot', { graph, findings });
    };
    greet();
    socket.on('resync', greet);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo; // a TCP server's address is always one
  return {
    url: `http://127.0.0.1:${port}`,
    push: (delta) => {
      const changed = new Set(delta.edges.map(({ id }) => id));
      graph.edges = [...graph.edges.filter(({ id }) => !changed.has(id)), ...delta.edges];
      io.emit('delta', delta);
    },
    disconnect: () => {
      isDown = true;
      io.disconnectSockets(true);
    },
    close: async () => {
      await io.close();
    },
  };
}

function snapshotOf(variant: PageVariant): GraphSnapshot {
  if (variant === 'crowd') return crowdSnapshot();
  if (variant === 'shop') return shopSnapshot();
  const shop = shopSnapshot();
  return {
    ...shop,
    nodes: [],
    edges: [],
    minutes: [],
    span: null,
    trainingWindow: null,
    title: 'events.log',
    trust: {
      ...shop.trust,
      flows: 0,
      conversations: 0,
      undecidedShare: 0,
      sources: 0,
      doubts: [],
      lostEvents: '0',
      badLines: 0,
      unresolved: 0,
    },
  };
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly graph: GraphSnapshot;
  readonly findings: readonly FindingView[];
  readonly variant: PageVariant;
}

async function answer(exchange: Exchange): Promise<void> {
  const { request, response } = exchange;
  const path = new URL(request.url ?? '/', 'http://fixture').pathname;
  if (path.startsWith('/api/v1/')) {
    await answerApi(exchange, path.slice('/api/v1'.length));
    return;
  }
  const nonce = randomBytes(16).toString('base64');
  const policy = `default-src 'self'; script-src 'self'; style-src 'self' 'nonce-${nonce}'; img-src 'self' data:; worker-src 'self'; connect-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'`;
  const file = path === '/' ? 'index.html' : path.slice(1);
  try {
    const body = await readFile(join(DIST, file));
    const isPage = file === 'index.html';
    response.writeHead(200, {
      'content-type': TYPES[extname(file)] ?? 'application/octet-stream',
      'content-security-policy': policy,
    });
    response.end(isPage ? body.toString().replaceAll('__CSP_NONCE__', nonce) : body);
  } catch {
    response.writeHead(404).end();
  }
}

function refusalOf(
  variant: PageVariant,
  path: string,
): readonly [status: number, title: string, detail: string] | undefined {
  if (variant === 'error') {
    return [503, 'Store unavailable', 'The ledger could not be opened: another process holds its lock.'];
  }
  if (variant !== 'locked') return undefined;
  return path === '/session'
    ? [401, 'Token wrong', 'This is not the token.']
    : [401, 'Login required', 'Show the token.'];
}

async function answerApi(
  { request, response, graph, findings, variant }: Exchange,
  path: string,
): Promise<void> {
  const send = (status: number, body: unknown): void => {
    response.writeHead(status, {
      'content-type': status === 200 ? 'application/json' : 'application/problem+json',
    });
    response.end(JSON.stringify(body));
  };
  const refuse = (status: number, title: string, detail: string): void =>
    send(status, {
      type: 'about:blank',
      title,
      status,
      detail,
      code: title.toLowerCase().replaceAll(' ', '_'),
    });
  const refusal = refusalOf(variant, path);
  if (refusal !== undefined) {
    refuse(...refusal);
    return;
  }
  if (request.method === 'POST') {
    const posted = postAnswer({ graph, findings, variant }, path, await bodyOf(request));
    if (typeof posted === 'string') refuse(404, posted, 'There is none of that.');
    else send(200, posted);
    return;
  }
  const body = variant === 'empty' ? EMPTY[path] : (LISTS[path] ?? one(graph, path));
  if (body === undefined) refuse(404, 'Not found', 'There is none of that yet.');
  else send(200, body);
}

const LISTS: Readonly<Record<string, unknown>> = {
  '/training': training,
  '/baselines': [baselineSummary],
  '/baselines/current': baselineDetail,
  '/proposals': [proposalSummary],
  '/proposals/current': proposalDetail,
  '/sources': sourcesHealth,
};

const EMPTY: Readonly<Record<string, unknown>> = {
  '/training': { ...training, window: null, baseline: null },
  '/proposals': [],
  '/sources': [],
};

function one(graph: GraphSnapshot, path: string): unknown {
  const id = decodeURIComponent(path.slice('/edges/'.length));
  if (!path.startsWith('/edges/') && !path.startsWith('/nodes/')) return undefined;
  if (path.startsWith('/nodes/')) return nodeDetail(graph, id);
  const edge = graph.edges.find((candidate) => candidate.id === Number(id));
  return edge === undefined ? undefined : edgeDetail(edge);
}

/** What is answered, or the title of a refusal. The crowd's server was not told of the current policies. */
function postAnswer(
  { graph, findings, variant }: Pick<Exchange, 'graph' | 'findings' | 'variant'>,
  path: string,
  body: PageBody,
): object | string {
  if (path.startsWith('/questions/')) {
    if (body.policies?.from === 'current' && variant === 'crowd') return 'No current policies';
    const asked = body as never; // the page's own types say what it sends
    return (
      (path === '/questions/explain' ? explainAnswer(graph, asked) : blastAnswer(graph, asked)) ??
      'End unknown'
    );
  }
  const finding = findings.find(({ id }) => path === `/findings/${id}/state`);
  return finding === undefined
    ? { baseline: baselineSummary, proposalId: 'proposal-a1' }
    : { ...finding, state: body.state };
}

interface PageBody {
  readonly state?: string;
  readonly policies?: { readonly from: string };
}

async function bodyOf(request: IncomingMessage): Promise<PageBody> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return JSON.parse(Buffer.concat(chunks).toString()) as PageBody;
}
