import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
/** WebAssembly that the collector loads from beside its code. */
const SCANNER = 'collector/sources/hubble/scan/scanner.wasm';

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly imports: Readonly<Record<string, string>>;
}

/** `#core/flow.ts` stays written so in the built code; the package's own map leads it to the `.js` file. */
function builtImports(imports: Manifest['imports']): Manifest['imports'] {
  return Object.fromEntries(
    Object.entries(imports).map(([name, target]) => [`${name}.ts`, `${target}.js`] as const),
  );
}

function compile(into: string): void {
  const compiler = realpathSync(join(ROOT, 'node_modules/.bin/tsc'));
  const project = join(ROOT, 'deploy/package');
  execFileSync(process.execPath, [compiler, '--project', project, '--outDir', into], { stdio: 'inherit' });
}

/**
 * Writes what the npm package carries into a folder, which is emptied first: `server/` and `collector/` as JavaScript
 * at the places they have in the repository, the built page and scanner, and a manifest that resolves `#core` and `#contract`
 * among them. Throws when one of the two was not built.
 */
export function buildPackage(into: string): void {
  const page = join(ROOT, 'web/dist');
  if (!existsSync(join(page, 'index.html')))
    throw new Error('web/dist/index.html is missing: run `npm run build:web` first.');
  if (!existsSync(join(ROOT, SCANNER))) {
    throw new Error(`${SCANNER} is missing: run \`npm run build:scanner\` first.`);
  }
  const { name, version, imports } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Manifest;
  rmSync(into, { recursive: true, force: true });
  compile(into);
  cpSync(page, join(into, 'web/dist'), { recursive: true });
  cpSync(join(ROOT, SCANNER), join(into, SCANNER));
  const manifest = { name, version, private: true, type: 'module', imports: builtImports(imports) };
  writeFileSync(join(into, 'package.json'), `${JSON.stringify(manifest, undefined, 2)}\n`);
}

if (import.meta.main) buildPackage(join(ROOT, 'dist'));
