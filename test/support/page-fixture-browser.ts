import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { launchBrowser } from './browser.ts';
import { type PageFixture, type PageVariant, startPageFixture } from './page-fixture.ts';

const run = promisify(execFile);

/** Opens the page over made-up data; one at a time. */
export interface PageDesk {
  /** Whatever the console complains about fails the test, CSP violations above all. */
  open(variant: PageVariant, query?: string): Promise<{ readonly page: Page; readonly fixture: PageFixture }>;
  /** What the console may say in this test after all. */
  expect(complaint: RegExp): void;
  /** Closes the page and its server. */
  shut(): Promise<void>;
}

/** A browser for the tests of one file: registers what starts and ends it. */
export function pageDesk(): PageDesk {
  let browser: Browser;
  let context: BrowserContext | undefined;
  let fixture: PageFixture | undefined;
  let complaints: string[] = [];
  let expected: RegExp | undefined;

  beforeAll(async () => {
    // `npm test` builds the page first; building it again would pull it away from under a server of another test.
    if (!existsSync('web/dist/index.html')) {
      const vite = ['node_modules/vite/bin/vite.js', 'build', '--config', 'web/vite.config.ts'];
      await run(process.execPath, vite, { env: { ...process.env, NODE_ENV: 'production' } });
    }
    browser = await launchBrowser();
  });
  const shut = async (): Promise<void> => {
    await context?.close();
    await fixture?.close();
    context = undefined;
    fixture = undefined;
  };
  afterAll(() => browser.close());
  afterEach(async () => {
    await shut();
    expect(complaints).toEqual([]);
  });

  return {
    shut,
    expect(complaint) {
      expected = complaint;
    },
    async open(variant, query = '') {
      const served = await startPageFixture(variant);
      fixture = served;
      context = await browser.newContext({
        viewport: { width: 1600, height: 1000 },
        reducedMotion: 'reduce',
      });
      const page = await context.newPage();
      complaints = [];
      expected = undefined;
      page.on('console', (message) => {
        const isRefusal = variant !== 'shop' && message.text().startsWith('Failed to load resource');
        const isExpected = isRefusal || expected?.test(message.text()) === true;
        if (['error', 'warning'].includes(message.type()) && !isExpected) complaints.push(message.text());
      });
      page.on('pageerror', (error) => complaints.push(error.message));
      await page.goto(`${served.url}/${query}`);
      return { page, fixture: served };
    },
  };
}
