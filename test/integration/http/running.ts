import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { InjectOptions } from 'fastify';
import { LOOPBACK_HOSTS } from '../../../server/adapters/http/guard/hosts.ts';
import type { Renderers } from '../../../server/adapters/http/renderers.ts';
import { createHttpServer, type HttpServerOptions } from '../../../server/adapters/http/server.ts';
import { FakeWorkspace, findingOn } from '../../support/fake-workspace.ts';
import { flow, pod, START, SYN, SYN_ACK } from '../../support/flows.ts';

export const HOST = 'localhost:8080';
export const ORIGIN = `http://${HOST}`;

/** The port of a server that listens on one address. */
export function portOf(addresses: readonly (string | { readonly port: number })[]): number {
  const [address] = addresses;
  if (typeof address !== 'object') throw new Error('the server does not listen on a port');
  return address.port;
}

/** Text that says what it was made from; real YAML is the business of the manifests. */
export const RENDERERS: Renderers = {
  renderPolicy: (policy, reasons) => `# ${reasons.length} reasons\n${JSON.stringify(policy)}\n`,
  renderReport: (proposal) => `# Proposal ${proposal.id}\n`,
  pathOf: (policy, cluster) =>
    `${cluster}/${policy.policy.metadata.namespace}/${policy.policy.metadata.name}.yaml`,
};

const WEB = pod('shop/web-7d9c5b6f4-x2x4z', '10.0.0.1', 40_000);
const CART = pod('shop/cart-5b6f47d9c-b2b4c', '10.0.0.2', 8080);
const DB = pod('data/db-0', '10.0.0.3', 5432);

/** One connection that was opened and answered, `at` ms after the start. */
export const talk = (client: typeof WEB, server: typeof CART, at = 0) => [
  flow(client, server, { at: START + at, tcpFlags: SYN, isNew: true, direction: 'egress' }),
  flow(server, client, { at: START + at + 1, tcpFlags: SYN_ACK, reply: 'reply', direction: 'ingress' }),
];

/** web → cart → db, learnt, and a finding on the first of them. */
export function shop(): FakeWorkspace {
  const workspace = new FakeWorkspace([...talk(WEB, CART), ...talk({ ...CART, port: 41_000 }, DB, 5)]);
  workspace.learn();
  const [edge] = workspace.graph().edges.values();
  if (edge === undefined) throw new Error('the shop has edges');
  workspace.find(findingOn(edge));
  return workspace;
}

/** A folder that holds a built page. */
export function builtPage(): string {
  const root = mkdtempSync(join(tmpdir(), 'bulkhead-page-'));
  process.once('exit', () => rmSync(root, { recursive: true, force: true }));
  const files: Readonly<Record<string, string>> = {
    'index.html':
      '<meta property="csp-nonce" nonce="__CSP_NONCE__"><script nonce="__CSP_NONCE__" src="/assets/main-abc.js"></script>',
    'assets/main-abc.js': 'export {};',
    'assets/main-abc.js.map': '{}',
    'icon.svg': '<svg xmlns="http://www.w3.org/2000/svg"/>',
    '.env': 'SECRET=1',
  };
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return root;
}

/** A server that does not listen; its clock stands still and its timers never fire. */
export async function serve(options: Partial<HttpServerOptions> = {}) {
  const workspace = options.workspace ?? shop();
  const server = await createHttpServer({
    workspace,
    webRoot: '/nowhere',
    allowedHosts: LOOPBACK_HOSTS,
    version: '1.2.3',
    renderers: RENDERERS,
    now: () => START,
    schedule: () => () => undefined,
    ...options,
  });
  const get = (url: string, headers: Readonly<Record<string, string>> = {}) =>
    server.app.inject({ method: 'GET', url, headers: { host: HOST, ...headers } });
  const post = (url: string, payload: unknown, headers: Readonly<Record<string, string>> = {}) => {
    const request: InjectOptions = {
      method: 'POST',
      url,
      payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
      headers: { host: HOST, origin: ORIGIN, 'content-type': 'application/json', ...headers },
    };
    return server.app.inject(request);
  };
  return { ...server, workspace, get, post };
}
