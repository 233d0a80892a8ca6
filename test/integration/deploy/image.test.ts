import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  canBuildImages,
  ImageBuilder,
  type ImageConfig,
  skippedWithoutBuildah,
} from '../../support/buildah.ts';

const ROOT = join(import.meta.dirname, '../../..');
const IMAGE = 'localhost/bulkhead:built-by-a-test';
const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };

/** Who the pod runs as. */
const USER = 65532;

describe.skipIf(!canBuildImages)(`the image${skippedWithoutBuildah}`, () => {
  const folder = canBuildImages ? mkdtempSync(join(tmpdir(), 'bulkhead-image-')) : '';
  const builder = canBuildImages ? new ImageBuilder(folder) : undefined;
  // Some gigabytes in a hundred thousand files: that takes longer than a hook may usually.
  afterAll(() => rmSync(folder, { recursive: true, force: true }), 300_000);
  let config: ImageConfig;
  let unpacked: { readonly container: string; readonly files: string };
  let paths: readonly string[];

  beforeAll(() => {
    builder?.build(IMAGE);
    config = builder?.config(IMAGE) as ImageConfig;
    unpacked = builder?.unpack(IMAGE) as typeof unpacked;
    paths = readdirSync(unpacked.files, { recursive: true, encoding: 'utf8' });
  }, 900_000);

  const statOf = (path: string) => lstatSync(join(unpacked.files, path));

  test('says that it runs as 65532, starts the command itself, and only explains when it is told nothing', () => {
    expect(config.User).toBe(`${USER}:${USER}`);
    expect(config.Entrypoint).toEqual([
      '/opt/bulkhead/bin/node',
      '/opt/bulkhead/deploy/package/bulkhead.mjs',
    ]);
    expect(config.Cmd).toEqual(['--help']);
    expect(config.Labels).toMatchObject({
      'org.opencontainers.image.version': version,
      'org.opencontainers.image.licenses': 'Apache-2.0',
    });
  });

  test('holds no shell, no npm, no source, no secret of the build, and no file that changes its user', () => {
    expect(paths.length).toBeGreaterThan(1000);
    const unwanted =
      /(?:^|\/)(?:sh|bash|dash|busybox|npm|npx|\.npmrc|npmrc)$|\.(?:ts|map)$|node_modules\/(?:vite|vitest|typescript|@biomejs)\//;
    expect(paths.filter((path) => unwanted.test(path))).toEqual([]);
    expect(paths.filter((path) => (statOf(path).mode & 0o6000) !== 0)).toEqual([]);
  });

  test('can write to /data and nowhere else', () => {
    const writable = paths.filter((path) => {
      const stat = statOf(path);
      return !stat.isSymbolicLink() && (stat.uid === USER || stat.gid === USER || (stat.mode & 0o002) !== 0);
    });
    expect(writable).toEqual(['data']);
  });

  test('needs of its base glibc alone', () => {
    expect(readdirSync(join(unpacked.files, 'opt/bulkhead/lib')).sort()).toEqual([
      'libatomic.so.1',
      'libgcc_s.so.1',
      'libstdc++.so.6',
    ]);
    expect(config.Env).toContain('LD_LIBRARY_PATH=/opt/bulkhead/lib');
  });

  test('is the version it says, run as its own user in its own folder', () => {
    const [node = '', command = ''] = config.Entrypoint;
    expect(builder?.exec(unpacked.container, node, command, '--version')).toEqual({
      code: 0,
      out: `${version}\n`,
    });
    const asked = 'console.log(process.getuid(), process.getgid(), process.cwd())';
    expect(builder?.exec(unpacked.container, node, '--eval', asked).out).toBe(`${USER} ${USER} /data\n`);
    expect(builder?.exec(unpacked.container, '/bin/sh', '-c', 'true').code).not.toBe(0);
  });

  test('serves its page out of files it can not change, writes its ledger to /data, and ends when it is told to', async () => {
    const [node = '', command = ''] = config.Entrypoint;
    const inside = [node, command, 'serve', '--port=0', '--data=/data', '--host=127.0.0.1'];
    const child = spawn('chroot', [`--userspec=${USER}:${USER}`, unpacked.files, ...inside], {
      env: Object.fromEntries(config.Env.map((each) => each.split('=') as [string, string])),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(child, 'exit');
    try {
      const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
      const address = /http:\/\/\S+/.exec(line)?.[0] ?? '';
      expect((await fetch(new URL('/healthz', address))).status).toBe(200);
      const page = await fetch(address);
      expect(await page.text()).toContain('<title>');
    } finally {
      child.kill('SIGTERM');
    }
    expect(await ended).toEqual([0, null]);
    expect(existsSync(join(unpacked.files, 'data/demo.db'))).toBe(true);
  });
});
