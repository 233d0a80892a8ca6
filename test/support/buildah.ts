import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

const isRoot = process.getuid?.() === 0;
const isInstalled = spawnSync('buildah', ['--version'], { stdio: 'ignore' }).status === 0;

/** True where an image can be built without a daemon: `buildah`, and root for its chroot isolation. */
export const canBuildImages = isInstalled && isRoot;

/** Appended to a suite's name, so that a skip says why. */
export const skippedWithoutBuildah = canBuildImages
  ? ''
  : ` (skipped: ${isInstalled ? 'buildah is there, but this is not root' : 'apt-get install buildah'})`;

/** What an image says about itself. */
export interface ImageConfig {
  readonly User: string;
  readonly Env: readonly string[];
  readonly Entrypoint: readonly string[];
  readonly Cmd: readonly string[];
  readonly WorkingDir: string;
  readonly Labels: Readonly<Record<string, string>>;
}

/** Folders of this machine in which the build finds Node, npm and a shell: no registry of images is asked. */
const LENT = ['/usr', '/etc/alternatives', '/etc/ssl'];

/** An empty root file system with the links that make one of `/usr`, beneath the folders that are lent to the build. */
function layOutBuildBase(root: string): void {
  for (const folder of ['usr', 'etc/alternatives', 'etc/ssl', 'proc', 'tmp', 'var/tmp'])
    mkdirSync(join(root, folder), { recursive: true });
  for (const link of ['bin', 'sbin', 'lib', 'lib64']) symlinkSync(`usr/${link}`, join(root, link));
  writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0:root:/tmp:/bin/sh\n');
}

const GLIBC = /\/(?:ld-linux[-\w]*|lib(?:c|m|dl|pthread|rt|resolv))\.so\.\d$/;

/** A root file system with glibc and nothing else: less than any base an image will meet. */
function layOutRunBase(root: string): void {
  const listed = execFileSync('ldd', [process.execPath], { encoding: 'utf8' });
  const libraries = [...listed.matchAll(/\/\S+/g)].map(([path]) => path).filter((path) => GLIBC.test(path));
  for (const path of libraries) {
    const copy = join(root, path);
    mkdirSync(dirname(copy), { recursive: true });
    copyFileSync(path, copy);
  }
}

/** Builds images in a folder of its own. */
export class ImageBuilder {
  private readonly folder: string;
  private readonly globals: readonly string[];
  private readonly trust: readonly string[];

  constructor(folder: string) {
    this.folder = folder;
    const registries = join(folder, 'registries.conf');
    writeFileSync(registries, 'unqualified-search-registries = []\n');
    const policy = join(folder, 'policy.json');
    writeFileSync(policy, JSON.stringify({ default: [{ type: 'insecureAcceptAnything' }] }));
    const [storage, run] = [join(folder, 'storage'), join(folder, 'run')];
    const places = ['--root', storage, '--runroot', run, '--registries-conf', registries];
    this.globals = ['--storage-driver', 'vfs', ...places];
    this.trust = ['--signature-policy', policy];
  }

  /** Builds deploy/image/Containerfile out of this checkout. Throws with what was printed when a step fails. */
  build(image: string): void {
    const base = this.baseOf('run-base', layOutRunBase);
    const buildBase = this.baseOf('build-base', layOutBuildBase);
    const npmrc = execFileSync('npm', ['config', 'get', 'userconfig'], { encoding: 'utf8' }).trim();
    this.run('bud', ...this.trust, '--isolation', 'chroot', '--pull=never', '--tag', image, [
      ...LENT.filter((path) => existsSync(path)).flatMap((path) => ['--volume', `${path}:${path}:ro`]),
      ...(existsSync(npmrc) ? ['--secret', `id=npmrc,src=${npmrc}`] : []),
      ...['--build-arg', `BUILD_BASE=${buildBase}`, '--build-arg', `BASE=${base}`],
      ...['--ignorefile', join(ROOT, 'deploy/image/Containerfile.dockerignore')],
      ...['--file', join(ROOT, 'deploy/image/Containerfile'), ROOT],
    ]);
  }

  config(image: string): ImageConfig {
    const file = join(this.folder, 'config.json');
    writeFileSync(file, this.run('inspect', '--type', 'image', image));
    return (JSON.parse(readFileSync(file, 'utf8')) as { OCIv1: { config: ImageConfig } }).OCIv1.config;
  }

  /** A container of the image: its name, and its files below a folder of this machine. */
  unpack(image: string): { readonly container: string; readonly files: string } {
    const container = this.run('from', ...this.trust, '--pull=never', image).trim();
    return { container, files: this.run('mount', container).trim() };
  }

  /** Runs a command in a container as the image's user; its exit code and output. */
  exec(container: string, ...command: readonly string[]): { code: number | null; out: string } {
    const argv = [...this.globals, 'run', '--isolation', 'chroot', container, '--', ...command];
    const { status, stdout } = spawnSync('buildah', argv, { encoding: 'utf8' });
    return { code: status, out: stdout };
  }

  private baseOf(name: string, layOut: (root: string) => void): string {
    const root = join(this.folder, name);
    mkdirSync(root);
    layOut(root);
    const container = this.run('from', ...this.trust, 'scratch').trim();
    this.run('copy', '--quiet', container, root, '/');
    this.run('commit', '--quiet', ...this.trust, container, `localhost/bulkhead-${name}`);
    this.run('rm', container);
    return `localhost/bulkhead-${name}`;
  }

  private run(command: string, ...argv: readonly (string | readonly string[])[]): string {
    const { status, stdout, stderr } = spawnSync('buildah', [...this.globals, command, ...argv.flat()], {
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    });
    if (status !== 0) throw new Error(`buildah ${command} ended with ${status}:\n${stdout}${stderr}`);
    return stdout;
  }
}
