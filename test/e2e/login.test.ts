import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasBrowser, launchBrowser, skippedWithoutBrowser } from '../support/browser.ts';
import { hostileExport } from '../support/hostile-export.ts';
import { type Serving, serve } from '../support/serving.ts';
import { tempFolderForSuite } from '../support/temp-folder.ts';

const TOKEN = 'canary-access-token-0123456789abcdef';
/** The wrong one is another text altogether, so that a leak of the right one can not hide behind it. */
const WRONG = 'not-what-the-server-was-started-with';
const VIEW = '/?open=ns%3Ademo%2Fshop&list=1';
const PAYMENTS = 'node-workload:demo/shop/Deployment/payments';

describe.skipIf(!hasBrowser)(`logging in with the access token${skippedWithoutBrowser}`, () => {
  const data = tempFolderForSuite();
  const dataWithoutToken = tempFolderForSuite();
  const dataOfRecording = tempFolderForSuite();
  let browser: Browser;
  let server: Serving;
  let context: BrowserContext;
  let page: Page;
  /** Everything the page put where others may read it: addresses, logs, its markup. */
  const said: string[] = [];
  let sockets = 0;

  beforeAll(async () => {
    server = await serve(['--data', data, '--speed', '60'], process.cwd(), { BULKHEAD_TOKEN: TOKEN });
    browser = await launchBrowser();
    context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' });
    page = await context.newPage();
    page.on('console', (message) => said.push(message.text()));
    page.on('pageerror', (error) => said.push(`fault ${error}`));
    page.on('request', (request) => said.push(request.url()));
    page.on('framenavigated', (frame) => said.push(frame.url()));
    page.on('websocket', (socket) => {
      sockets += 1;
      said.push(socket.url());
    });
  });

  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });

  const login = () => page.getByTestId('login');
  const field = () => page.getByLabel('Access token');

  async function logIn(token: string): Promise<void> {
    await field().fill(token);
    said.push(await page.content());
    await page.getByRole('button', { name: 'Log in' }).click();
  }

  async function expectOpen(): Promise<void> {
    await page.getByTestId('map').waitFor();
    await page.getByTestId(PAYMENTS).waitFor();
    await page.getByTestId('trust').getByText('Live').waitFor();
    expect(await login().count()).toBe(0);
  }

  async function expectClosed(): Promise<void> {
    await login().waitFor();
    for (const part of ['map', 'trust', 'panel', 'time-bar', 'twin', 'log-out', PAYMENTS])
      expect(await page.getByTestId(part).count()).toBe(0);
    expect(await page.locator('body').innerText()).not.toContain('payments');
  }

  async function expectAccessible(): Promise<void> {
    for (const colorScheme of ['dark', 'light'] as const) {
      await page.emulateMedia({ colorScheme });
      await page.locator(`[data-mantine-color-scheme="${colorScheme}"]`).waitFor();
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual(
        [],
      );
    }
  }

  test('without a login there is the form, nothing of the network, and no socket', async () => {
    await page.goto(`${server.address}${VIEW}`);
    await expectClosed();
    expect(await field().getAttribute('type')).toBe('password');
    expect(await field().evaluate((input) => input === document.activeElement)).toBe(true);
    expect(await login().innerText()).toContain('BULKHEAD_TOKEN');
    expect(sockets).toBe(0);
    await expectAccessible();
  });

  test('a wrong token is refused in words, and the field waits for another', async () => {
    await logIn(WRONG);
    await page.getByRole('alert').getByText('This is not the token the server was started with.').waitFor();
    expect(await field().getAttribute('aria-invalid')).toBe('true');
    await expectAccessible();
    await expectClosed();
  });

  test('the right one opens the view that was asked for, and the picture moves', async () => {
    await logIn(TOKEN);
    await expectOpen();
    expect(sockets).toBe(1);
    const flows = await page.getByTestId('trust').innerText();
    await expect.poll(() => page.getByTestId('trust').innerText(), { timeout: 30_000 }).not.toBe(flows);
    await page.getByTestId('rail-proposals').click();
    await page.getByTestId('certificate').waitFor();
    await page.getByTestId('rail-map').click();
    await expectOpen();
  });

  test('the session outlives a reload', async () => {
    await page.reload();
    await expectOpen();
    await page.getByTestId('log-out').waitFor();
  });

  test('a session that ends while the page is open leads back to the form, and from there to the same view', async () => {
    const ended = await context.request.post(`${server.address}/api/v1/session/end`, {
      data: {},
      headers: { origin: server.address },
    });
    expect(ended.status()).toBe(204);
    await login().getByText('Your session ended.').waitFor();
    await expectClosed();
    await logIn(TOKEN);
    await expectOpen();
    expect(new URL(page.url()).searchParams.get('open')).toBe('ns:demo/shop');
  });

  test('logging out ends the session on the server, and the page forgets what it showed', async () => {
    const cookies = await context.cookies();
    await page.getByTestId('log-out').click();
    await login().getByText('You are logged out').waitFor();
    await expectClosed();
    expect(new URL(page.url()).search).toBe('');
    await context.addCookies(cookies);
    await page.reload();
    await expectClosed();
    expect(await page.evaluate(() => JSON.stringify(localStorage))).not.toContain('payments');
  });

  test('after too many wrong tokens the page says how long to wait', async () => {
    const refusal = page.getByRole('alert').getByText('Wait a minute, then try again');
    for (let attempt = 0; attempt < 12 && (await refusal.count()) === 0; attempt += 1) {
      const answered = page.waitForResponse((response) => response.url().endsWith('/api/v1/session'));
      await logIn(WRONG);
      await answered;
    }
    await refusal.waitFor();
  });

  test('the token is in no address, log, storage, cookie or markup', async () => {
    const stored = await page.evaluate(() => JSON.stringify([localStorage, sessionStorage]));
    const cookies = await context.cookies();
    expect(cookies.every(({ httpOnly }) => httpOnly)).toBe(true);
    expect(said.length).toBeGreaterThan(10);
    expect([...said, stored, JSON.stringify(cookies)].filter((text) => text.includes(TOKEN))).toEqual([]);
    expect(said.filter((text) => text.startsWith('fault') || text.includes('Content Security'))).toEqual([]);
  });

  test('a session that ends while nothing moves is noticed within a minute', async () => {
    writeFileSync(join(dataOfRecording, 'events.jsonl'), hostileExport());
    const recording = await serve(
      ['--file', join(dataOfRecording, 'events.jsonl'), '--data', join(dataOfRecording, 'data')],
      dataOfRecording,
      { BULKHEAD_TOKEN: TOKEN },
    );
    try {
      const visiting = await browser.newContext({ reducedMotion: 'reduce' });
      const visitor = await visiting.newPage();
      await visitor.clock.install();
      await visitor.goto(recording.address);
      await visitor.getByLabel('Access token').fill(TOKEN);
      await visitor.getByRole('button', { name: 'Log in' }).click();
      await visitor.getByTestId('map').waitFor();
      const headers = { origin: recording.address };
      await visiting.request.post(`${recording.address}/api/v1/session/end`, { data: {}, headers });
      await visitor.clock.fastForward(60_000);
      await visitor.getByTestId('login').getByText('Your session ended.').waitFor();
      expect(await visitor.getByTestId('map').count()).toBe(0);
    } finally {
      await recording.stop();
    }
  });

  test('a server without a token shows the page at once, with nothing to log out of', async () => {
    const open = await serve(['--data', dataWithoutToken, '--speed', '60'], process.cwd());
    try {
      const visitor = await (await browser.newContext({ reducedMotion: 'reduce' })).newPage();
      // As after a visit while the same address still asked for a token.
      await visitor.addInitScript(() => localStorage.setItem('bulkhead:logged-in', '1'));
      const complaints: string[] = [];
      visitor.on('console', (message) => complaints.push(message.text()));
      await visitor.goto(open.address);
      await visitor.getByTestId('map').waitFor();
      expect(await visitor.getByTestId('log-out').count()).toBe(0);
      expect(complaints).toEqual([]);
    } finally {
      await open.stop();
    }
  });
});
