#!/usr/bin/env node
// The one file that is JavaScript by hand. Node strips no types below node_modules, so the package ships dist/ in place
// of the sources, while a checkout runs the sources as they are. And it has to load in a Node too old for either, to
// say so in one sentence.
import { existsSync } from 'node:fs';

const OLDEST = 24;
const running = process.versions.node;

if (Number.parseInt(running, 10) < OLDEST) {
  process.stderr.write(
    `bulkhead: needs Node ${OLDEST} or newer and was started with ${running}: use npx, which takes the Node that is installed beside it.\n`,
  );
  process.exitCode = 2;
} else {
  const source = new URL('../../server/cli/bulkhead.ts', import.meta.url);
  const built = new URL('../../dist/server/cli/bulkhead.js', import.meta.url);
  await import(existsSync(source) ? source.href : built.href);
}
