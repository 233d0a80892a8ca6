import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buildPackage } from '../../../deploy/package/build.ts';

const ROOT = join(import.meta.dirname, '../../..');

/** The package as somebody has it who installed the tarball. */
export interface InstalledPackage {
  /** A folder of its own, with the package in its node_modules. */
  readonly folder: string;
  /** Paths in the tarball, below `package/`. */
  readonly files: readonly string[];
  readonly manifest: { readonly version: string; readonly bin: Readonly<Record<string, string>> };
  /** Runs the installed command in that folder. */
  bulkhead(...argv: readonly string[]): { code: number | null; out: string; err: string };
  /** Starts it there and leaves it running; the caller ends it. */
  start(...argv: readonly string[]): ChildProcess;
}

/** Packs as `npm pack` does after its prepack step; that step's page is the one `npm test` has built already. */
function pack(into: string): string {
  buildPackage(join(ROOT, 'dist'));
  const argv = ['pack', '--ignore-scripts', '--json', '--pack-destination', into];
  const env = { ...process.env, npm_config_cache: join(into, 'npm-cache') };
  execFileSync('npm', argv, { cwd: ROOT, env, stdio: ['ignore', 'ignore', 'inherit'] });
  const { name, version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    name: string;
    version: string;
  };
  return join(into, `${name}-${version}.tgz`);
}

/** Links what an install without devDependencies brings, so that a dependency nobody declared is missed. */
function linkDependencies(nodeModules: string): void {
  const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dev?: boolean; optional?: boolean }>;
  };
  for (const [path, { dev, optional }] of Object.entries(lock.packages)) {
    if (dev === true || optional === true || !/^node_modules\/(?:@[^/]+\/)?[^/]+$/.test(path)) continue;
    const link = join(nodeModules, path.slice('node_modules/'.length));
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(ROOT, path), link);
  }
}

/** Builds the tarball and installs it without a network: unpacked, beside the dependencies of this checkout. */
export function installPackage(): InstalledPackage {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-package-'));
  const tarball = pack(folder);
  const home = join(folder, 'node_modules/bulkhead');
  mkdirSync(home, { recursive: true });
  execFileSync('tar', ['xzf', tarball, '-C', home, '--strip-components=1']);
  linkDependencies(join(folder, 'node_modules'));
  const listed = execFileSync('tar', ['tzf', tarball], { encoding: 'utf8' });
  const manifest = JSON.parse(
    readFileSync(join(home, 'package.json'), 'utf8'),
  ) as InstalledPackage['manifest'];
  const command = join(home, manifest.bin['bulkhead'] ?? '');
  return {
    folder,
    files: listed
      .split('\n')
      .filter((path) => path !== '')
      .map((path) => path.replace(/^package\//, '')),
    manifest,
    bulkhead(...argv) {
      const ran = spawnSync(process.execPath, [command, ...argv], { cwd: folder, encoding: 'utf8' });
      return { code: ran.status, out: ran.stdout, err: ran.stderr };
    },
    start: (...argv) =>
      spawn(process.execPath, [command, ...argv], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] }),
  };
}
