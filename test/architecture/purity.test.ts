import { describe, expect, test } from 'vitest';
import { namesOnly } from './imports.ts';
import { codeFiles, readText } from './repository.ts';

const CORE_FORBIDS = new RegExp(
  [
    String.raw`(?<![\w.$])(?:Date|process|console|Intl|globalThis|performance|crypto|Buffer|fetch|require|eval|Function)\b(?!\s*[:?]\s)(?=\s*[.(\[])`,
    String.raw`(?<![\w.$])(?:setTimeout|setInterval|setImmediate|queueMicrotask|structuredClone)\b`,
    String.raw`\bnew Date\b`,
    String.raw`\bMath\s*(?:\.\s*random|\[)`,
    String.raw`\.\s*(?:localeCompare|toLocale\w+)\b`,
    String.raw`\bimport\.meta\b`,
  ].join('|'),
  'g',
);

/** Every line of a file on which core would touch the world. */
function impurities(file: string, source: string): string[] {
  return [...namesOnly(source).matchAll(CORE_FORBIDS)].map(([found]) => `${file}: ${found}`);
}

describe('core touches nothing but its arguments', () => {
  test('no clock, chance, process, locale or global is named in it', () => {
    const core = codeFiles.filter((file) => file.startsWith('server/core/'));
    expect(core.length).toBeGreaterThan(50);
    expect(core.flatMap((file) => impurities(file, readText(file)))).toEqual([]);
  });

  test.each([
    'const now = Date.now();',
    'const now = new Date();',
    'const chance = Math.random();',
    "const chance = Math['random']();",
    'names.sort((a, b) => a.localeCompare(b));',
    'const text = count.toLocaleString();',
    'const order = new Intl.Collator();',
    "const mode = process.env['MODE'];",
    'console.log(graph);',
    'setTimeout(later, 10);',
    'const here = import.meta.url;',
    'const all = globalThis.process;',
    'const key = crypto.randomUUID();',
  ])('is noticed: %s', (line) => {
    expect(impurities('x.ts', line)).toHaveLength(1);
  });

  test.each([
    '/** Never Date.now(): time is an argument. */',
    "const words = 'console.log(x)';",
    'readonly process: string;',
    'const at = flow.process.name;',
    'const date = datesByKey.get(key);',
  ])('is no offence: %s', (line) => {
    expect(impurities('x.ts', line)).toEqual([]);
  });
});

describe('use cases start no timer of their own', () => {
  test('app names no timer and no clock', () => {
    const app = codeFiles.filter((file) => file.startsWith('server/app/'));
    const found = app.flatMap((file) =>
      [
        ...namesOnly(readText(file)).matchAll(/(?<![\w.$])(?:setTimeout|setInterval|Date\.now|new Date)\b/g),
      ].map(([name]) => `${file}: ${name}`),
    );
    expect(app.length).toBeGreaterThan(0);
    expect(found).toEqual([]);
  });
});

describe('the model of the page is not drawn', () => {
  test('it names nothing of the browser', () => {
    const model = codeFiles.filter((file) => file.startsWith('web/model/'));
    const found = model.flatMap((file) =>
      [
        ...namesOnly(readText(file)).matchAll(
          /(?<![\w.$])(?:document|localStorage|sessionStorage|navigator|location|globalThis)\s*\./g,
        ),
      ].map(([name]) => `${file}: ${name}`),
    );
    expect(model.length).toBeGreaterThan(0);
    expect(found).toEqual([]);
  });
});
