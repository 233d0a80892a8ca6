import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { Api } from '../api.ts';
import { HttpProblem } from '../problem/http-problem.ts';

/** Vite writes this where a nonce belongs; a new one is put in at every response. */
const NONCE_MARK = '__CSP_NONCE__';

/** Plain names only: no dot file, nothing that a route would read as a pattern. */
const SERVED = /^(?:[A-Za-z0-9_-][A-Za-z0-9_.@-]*\/)*[A-Za-z0-9_-][A-Za-z0-9_.@-]*$/;
const KEPT_BACK = /(?:^index\.html|\.map|\.br|\.gz)$/;

const HASHED_FOLDER = 'assets/';

/** Every file of the built page that may be asked for, as it is at start-up, with `/` between the parts. */
function builtFiles(webRoot: string): string[] {
  const entries = readdirSync(webRoot, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(webRoot, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((file) => SERVED.test(file) && !KEPT_BACK.test(file))
    .sort();
}

function pageRoute(app: Api, page: string | undefined): void {
  app.get('/', { config: { access: 'public' }, schema: { hide: true } }, (_request, reply) => {
    if (page === undefined) throw new HttpProblem('page_not_built');
    return reply
      .type('text/html; charset=utf-8')
      .header('cache-control', 'no-store')
      .send(page.replaceAll(NONCE_MARK, reply.cspNonce.style));
  });
}

/** The page and its files, from a list made at start-up: no address is ever turned into a path. */
export async function pageRoutes(app: Api, webRoot: string): Promise<void> {
  const index = join(webRoot, 'index.html');
  const isBuilt = existsSync(index);
  pageRoute(app, isBuilt ? readFileSync(index, 'utf8') : undefined);
  if (!isBuilt) return;
  await app.register(fastifyStatic, {
    root: webRoot,
    serve: false,
    cacheControl: false,
    preCompressed: true,
  });
  for (const file of builtFiles(webRoot)) {
    const caching = file.startsWith(HASHED_FOLDER) ? 'public, max-age=31536000, immutable' : 'no-cache';
    app.get(
      `/${file}`,
      {
        config: { access: 'public', rateLimit: { max: 6000, timeWindow: 60_000 } },
        compress: false,
        schema: { hide: true },
      },
      (_request, reply) => reply.header('cache-control', caching).sendFile(file),
    );
  }
}
