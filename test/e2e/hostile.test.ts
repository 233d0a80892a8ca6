import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasBrowser, launchBrowser, skippedWithoutBrowser } from '../support/browser.ts';
import { hostileExport } from '../support/hostile-export.ts';
import { type Serving, serve } from '../support/serving.ts';
import { tempFolderForSuite } from '../support/temp-folder.ts';

describe.skipIf(!hasBrowser)(`hostile names in a browser${skippedWithoutBrowser}`, () => {
  const folder = tempFolderForSuite();
  let browser: Browser;
  let server: Serving;
  let page: Page;
  const complaints: string[] = [];

  beforeAll(async () => {
    writeFileSync(join(folder, 'hostile.jsonl'), hostileExport());
    server = await serve(['--file', join(folder, 'hostile.jsonl'), '--data', join(folder, 'data')], folder);
    browser = await launchBrowser();
    page = await (await browser.newContext({ reducedMotion: 'reduce' })).newPage();
    page.on('dialog', (dialog) => {
      complaints.push(`dialog ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('request', (request) => {
      const isOurs = request.url().startsWith(server.address) || request.url().startsWith('ws');
      if (!isOurs) complaints.push(`asked ${request.url()}`);
    });
  });

  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });

  const injected = () =>
    page.locator('img[src="x"], [onload], [onerror], script:not([src]):not([nonce])').count();

  test('they are shown as text on the map, in an edge, and among the sources', async () => {
    await page.goto(`${server.address}/?list=1&open=${encodeURIComponent('ns:default/shop')}`);
    const edge = page.getByTestId('twin').getByRole('button', { name: /5432/ });
    await edge.first().click();
    const panel = page.getByTestId('panel');
    await panel.waitFor();
    expect(await injected()).toBe(0);
    for (const tab of await panel.getByRole('tab').all()) {
      await tab.click();
      expect(await injected()).toBe(0);
    }
    await page.getByTestId('rail-sources').click();
    await page.getByTestId('source').first().waitFor();
    expect(await page.getByTestId('source').first().textContent()).toContain('<img src=x onerror=alert(1)>');
    expect(await injected()).toBe(0);
  });

  test('they reach neither proposal nor findings as anything but text', async () => {
    await page.getByTestId('rail-proposals').click();
    await page.getByTestId('certificate').waitFor();
    expect(await injected()).toBe(0);
    await page.getByTestId('rail-findings').click();
    await page.getByTestId('page-findings').waitFor();
    expect(await injected()).toBe(0);
  });

  test('no dialog opened, no other host was asked, and the content policy had nothing to refuse', () => {
    expect(complaints).toEqual([]);
  });
});
