import { describe, expect, test } from 'vitest';
import { type ImportRule, isAllowed, parseImportRules, ruleFor } from './import-rules.ts';
import { hasComputedImport, type Import, importsOf } from './imports.ts';
import { codeFiles, readText, repositoryFiles } from './repository.ts';

const rules = parseImportRules(readText('ARCHITECTURE.md'));
const imports = new Map(codeFiles.map((file) => [file, importsOf(file, readText(file))] as const));

/** Modules reached from a file through any number of imports that are there at run time. */
function reachedFrom(start: string): ReadonlySet<string> {
  const reached = new Set<string>();
  const open = [start];
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    for (const { target, isTypeOnly } of imports.get(file) ?? []) {
      if (isTypeOnly || reached.has(target)) continue;
      reached.add(target);
      open.push(target);
    }
  }
  return reached;
}

const outside = (targets: ReadonlySet<string>): string[] =>
  [...targets].filter((target) => /^(?:node|npm):/.test(target)).sort();

describe('the table in ARCHITECTURE.md', () => {
  test('is found and covers every file of code', () => {
    expect(rules.length).toBeGreaterThan(15);
    const uncovered = codeFiles.filter((file) => ruleFor(rules, file) === undefined);
    expect(uncovered).toEqual([]);
  });

  test('names no folder twice and none that does not exist', () => {
    const froms = rules.map(({ from }) => from);
    expect(new Set(froms).size).toBe(froms.length);
    const unused = rules.filter((rule) => !codeFiles.some((file) => ruleFor(rules, file) === rule));
    expect(unused.map(({ from }) => from)).toEqual([]);
  });

  test('is obeyed by every import', () => {
    const broken = [...imports].flatMap(([file, found]) => {
      const rule = ruleFor(rules, file);
      if (rule === undefined) return [];
      return found
        .filter((each) => !isAllowed(rule, file, each))
        .map(({ specifier, isTypeOnly }) => `${file}: ${specifier}${isTypeOnly ? ' (types)' : ''}`);
    });
    expect(broken).toEqual([]);
  });
});

const judged = (file: string, target: string, isTypeOnly = false): boolean => {
  const rule: ImportRule | undefined = ruleFor(rules, file);
  const one: Import = { specifier: target, target, isTypeOnly };
  return rule !== undefined && isAllowed(rule, file, one);
};

describe('the table, applied', () => {
  test.each([
    ['server/core/graph/edge.ts', 'server/core/order.ts'],
    ['server/contract/graph.ts', 'npm:zod'],
    ['server/adapters/http/views/edges.ts', 'server/adapters/http/api.ts'],
    ['server/adapters/store/sqlite/schema.ts', 'server/adapters/store/sqlite/open-ledger.ts'],
    ['server/main.ts', 'server/adapters/http/server.ts'],
    ['web/ui/panel.tsx', 'web/map/mount-map.ts'],
    ['test/unit/flow/direction.test.ts', 'server/core/flow/direction.ts'],
  ])('%s may import %s', (file, target) => {
    expect(judged(file, target)).toBe(true);
  });

  test.each([
    ['server/core/graph/edge.ts', 'npm:zod'],
    ['server/core/graph/edge.ts', 'node:fs'],
    ['server/core/graph/edge.ts', 'server/app/workspace.ts'],
    ['server/core/policy/literal/evaluate.ts', 'server/core/order.ts'],
    ['server/contract/graph.ts', 'node:fs'],
    ['server/app/workspace.ts', 'server/contract/graph.ts'],
    ['server/app/workspace.ts', 'npm:yaml'],
    ['server/adapters/http/api.ts', 'server/adapters/socket/socket-server.ts'],
    ['server/adapters/http/api.ts', 'server/main.ts'],
    ['server/cli/graph.ts', 'server/adapters/http/server.ts'],
    ['server/cli/graph.ts', 'collector/pipeline.ts'],
    ['server/cli/bulkhead.ts', 'server/cli/graph.ts'],
    ['server/main.ts', 'server/cli/bulkhead.ts'],
    ['collector/pipeline.ts', 'server/app/workspace.ts'],
    ['collector/sources/hubble/decode.ts', 'node:fs'],
    ['collector/sources/hubble/decode-flow.ts', 'npm:zod'],
    ['web/model/scene.ts', 'npm:react'],
    ['web/map/mount-map.ts', 'web/ui/theme.ts'],
    ['web/ui/panel.tsx', 'npm:cytoscape'],
    ['web/ui/panel.tsx', 'server/app/workspace.ts'],
    ['server/app/workspace.ts', 'test/support/flows.ts'],
  ])('%s may not import %s', (file, target) => {
    expect(judged(file, target)).toBe(false);
  });

  test('the judge may borrow a type, and no more', () => {
    expect(judged('server/core/policy/literal/evaluate.ts', 'server/core/policy/world.ts', true)).toBe(true);
    expect(judged('server/core/policy/literal/evaluate.ts', 'server/core/policy/world.ts')).toBe(false);
  });
});

describe('reading imports', () => {
  const source = `
    import { a } from './a.ts';
    import type { B } from '#core/b.ts';
    import {
      c,
      d,
    } from '../c.ts';
    import 'side-effect';
    export { e } from "./e.ts";
    // import { no } from './comment.ts';
    const later = await import('node:fs');
    const worker = new Worker(new URL('./worker.ts', import.meta.url));
  `;

  test('finds static, type-only, bare, re-exporting, dynamic and worker imports, and none in a comment', () => {
    expect(importsOf('web/ui/x.ts', source).map(({ target, isTypeOnly }) => [target, isTypeOnly])).toEqual([
      ['web/ui/a.ts', false],
      ['server/core/b.ts', true],
      ['web/c.ts', false],
      ['npm:side-effect', false],
      ['web/ui/e.ts', false],
      ['node:fs', false],
      ['web/ui/worker.ts', false],
    ]);
  });

  test('every module of this repository that is named exists', () => {
    const known = new Set(repositoryFiles);
    const missing = [...imports]
      .filter(([file]) => !file.startsWith('test/architecture/'))
      .flatMap(([file, found]) =>
        found
          .filter(({ target }) => !/^(?:npm|node):/.test(target) && !known.has(target))
          .map(({ specifier }) => `${file}: ${specifier}`),
      );
    expect(missing).toEqual([]);
  });

  test('nothing is imported by a name that is worked out at run time, except by the launcher', () => {
    const computed = codeFiles.filter(
      (file) => !file.startsWith('test/') && hasComputedImport(readText(file)),
    );
    expect(computed).toEqual(['deploy/package/bulkhead.mjs']);
  });
});

describe('however far imports are followed', () => {
  const below = (pattern: RegExp): string[] => codeFiles.filter((file) => pattern.test(file));

  test('core reaches no package and nothing of Node', () => {
    const files = below(/^server\/core\//);
    expect(files.length).toBeGreaterThan(50);
    expect(files.flatMap((file) => outside(reachedFrom(file)))).toEqual([]);
  });

  test('a decoder reaches no file, no socket and no schema library', () => {
    const files = below(/^collector\/sources\/[^/]+\/decode[^/]*\.ts$/);
    expect(files.length).toBeGreaterThan(0);
    const reached = files.flatMap((file) => outside(reachedFrom(file)));
    expect(reached.filter((target) => target !== 'npm:protobufjs/minimal.js')).toEqual([]);
  });

  test('the page reaches nothing of Node and no code of the server beyond core and contract', () => {
    const files = below(/^web\/(?!vite\.config).*\.tsx?$/);
    const reached = new Set(files.flatMap((file) => [...reachedFrom(file)]));
    const foreign = [...reached].filter((target) =>
      /^(?:node:|collector\/|server\/(?!core\/|contract\/))/.test(target),
    );
    expect(foreign).toEqual([]);
  });
});
