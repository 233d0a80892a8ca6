import { describe, expect, test } from 'vitest';
import { importsOf } from './imports.ts';
import {
  codeFiles,
  executablesInGit,
  filesInGit,
  readJson,
  readText,
  repositoryFiles,
} from './repository.ts';

type Versions = Readonly<Record<string, string>>;

const manifest = readJson('package.json') as {
  readonly bin: Versions;
  readonly dependencies: Versions;
  readonly devDependencies: Versions;
  readonly optionalDependencies: Versions;
};
const lock = readJson('package-lock.json') as {
  readonly packages: Readonly<
    Record<
      string,
      { readonly optionalDependencies?: Versions; readonly integrity?: string; readonly resolved?: string }
    >
  >;
};
const groups = [manifest.dependencies, manifest.devDependencies, manifest.optionalDependencies];

describe('the packages we stand on', () => {
  test('each is named in one group only, with one exact version', () => {
    const names = groups.flatMap((group) => Object.keys(group));
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
    const loose = groups.flatMap((group) =>
      Object.entries(group).filter(([, version]) => !/^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(version)),
    );
    expect(loose).toEqual([]);
  });

  test('every platform package of an optional dependency has its own entry in the lockfile', () => {
    const wanted = Object.values(lock.packages).flatMap((entry) =>
      Object.keys(entry.optionalDependencies ?? {}),
    );
    expect(wanted.length).toBeGreaterThan(10);
    const paths = Object.keys(lock.packages);
    const missing = wanted.filter((name) => !paths.some((path) => path.endsWith(`node_modules/${name}`)));
    expect(missing).toEqual([]);
  });

  test('the lockfile pins what is installed and names no address to get it from', () => {
    const entries = Object.entries(lock.packages).filter(([path]) => path !== '');
    expect(entries.filter(([, { integrity }]) => integrity === undefined).map(([path]) => path)).toEqual([]);
    expect(entries.filter(([, { resolved }]) => resolved !== undefined).map(([path]) => path)).toEqual([]);
  });

  const packageOf = (target: string): string =>
    target
      .slice('npm:'.length)
      .split('/')
      .slice(0, target.startsWith('npm:@') ? 2 : 1)
      .join('/');

  test('what runs after an install is a dependency, not a devDependency', () => {
    const files = codeFiles.filter((file) => /^(?:server|collector)\//.test(file));
    const used = files.flatMap((file) =>
      importsOf(file, readText(file))
        .filter(({ target, isTypeOnly }) => target.startsWith('npm:') && !isTypeOnly)
        .map(({ target }) => packageOf(target)),
    );
    expect([...new Set(used)].filter((name) => manifest.dependencies[name] === undefined)).toEqual([]);
  });
});

describe('commands can be started', () => {
  const startable = repositoryFiles.filter((path) => filesInGit.has(path) && readText(path).startsWith('#!'));

  test('every file that names its interpreter is executable in git, and no other file is', () => {
    expect(startable.length).toBeGreaterThan(0);
    expect([...executablesInGit].sort()).toEqual(startable);
  });

  test('every bin of package.json is one of them', () => {
    for (const path of Object.values(manifest.bin)) expect(startable).toContain(path.replace(/^\.\//, ''));
  });
});
