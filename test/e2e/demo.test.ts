import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import AxeBuilder from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasBrowser, launchBrowser, skippedWithoutBrowser } from '../support/browser.ts';
import { type Serving, serve } from '../support/serving.ts';
import { tempFolderForSuite } from '../support/temp-folder.ts';

/** The README's picture is made here, so that it can not show another product. */
const PICTURES = fileURLToPath(new URL('../../docs/images', import.meta.url));
const SPEED = '60';

let browser: Browser;
let server: Serving;
let page: Page;
const complaints: string[] = [];

async function openPage(): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    reducedMotion: 'reduce',
  });
  const opened = await context.newPage();
  opened.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  opened.on('pageerror', (error) => complaints.push(String(error)));
  opened.on('request', (request) => {
    if (!request.url().startsWith(server.address) && !request.url().startsWith('ws'))
      complaints.push(`asked ${request.url()}`);
  });
  return opened;
}

async function seriousFaults(): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
}

describe.skipIf(!hasBrowser)(`the demo in a browser${skippedWithoutBrowser}`, () => {
  const data = tempFolderForSuite();

  beforeAll(async () => {
    server = await serve(['--data', data, '--speed', SPEED], process.cwd());
    browser = await launchBrowser();
    page = await openPage();
  });

  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });

  test('the map appears, and a namespace opens into its workloads', async () => {
    await page.goto(server.address);
    await page.getByTestId('map').waitFor();
    const shop = page.getByTestId('node-ns:demo/shop');
    await shop.waitFor({ state: 'attached' });
    await shop.dispatchEvent('click');
    const payments = page.getByTestId('node-workload:demo/shop/Deployment/payments');
    await payments.waitFor({ state: 'attached' });
    expect(await page.getByTestId('trust').textContent()).toMatch(/flows/);
  });

  test('an edge shows its evidence', async () => {
    await page.goto(`${server.address}/?open=ns%3Ademo%2Fshop&list=1`);
    const edge = page
      .getByTestId('twin')
      .getByRole('button', { name: /payments/ })
      .filter({ hasText: /443|8080/ });
    await edge.first().click();
    const panel = page.getByTestId('panel');
    await panel.waitFor();
    await panel.getByTestId('tab-flows').click();
    const evidence = panel.getByTestId('evidence');
    await evidence.first().waitFor();
    expect(await evidence.first().textContent()).toMatch(/2026-03-02/);
    expect(await seriousFaults()).toEqual([]);
  });

  test('the proposal shows its policies and its certificate', async () => {
    await page.getByTestId('rail-proposals').click();
    const certificate = page.getByTestId('certificate');
    await certificate.waitFor();
    expect(await certificate.textContent()).toMatch(/99\.\d %/);
    await page.getByTestId(/^policy-shop-payments/).click();
    const yaml = page.getByTestId('policy-yaml');
    await yaml.waitFor();
    expect(await yaml.textContent()).toContain('kind: NetworkPolicy');
    expect(await seriousFaults()).toEqual([]);
  });

  test('the attack is flagged, and its edge is on the map', async () => {
    await page.getByTestId('rail-findings').click();
    const finding = page.getByTestId('finding-row').filter({ hasText: '198.51.100.66' });
    await finding.first().waitFor({ timeout: 90_000 });
    expect(await finding.first().textContent()).toMatch(/high/i);
    expect(await seriousFaults()).toEqual([]);
    await finding.first().click();
    const panel = page.getByTestId('panel');
    await panel.waitFor();
    expect(await panel.textContent()).toContain('198.51.100.66');
    await page.goto(`${server.address}/?open=ns%3Ademo%2Fshop&open=ns%3Ademo%2Fdata`);
    await page.getByTestId('map').waitFor();
    await page.getByTestId('node-workload:demo/data/StatefulSet/orders-db').waitFor({ state: 'attached' });
    if (process.env['BULKHEAD_PICTURES'] === 'renew') {
      mkdirSync(PICTURES, { recursive: true });
      await page.screenshot({ path: `${PICTURES}/map.png` });
    }
  });

  test('sources say what was read', async () => {
    await page.getByTestId('rail-sources').click();
    const source = page.getByTestId('source').first();
    await source.waitFor();
    expect(await source.textContent()).toMatch(/flows/i);
    expect(await seriousFaults()).toEqual([]);
  });

  test('nothing was complained about, refused by the content policy, or asked of another host', () => {
    expect(complaints).toEqual([]);
  });

  test('the server ends cleanly on SIGTERM while a page is connected', async () => {
    expect(await server.stop('SIGTERM')).toBe(0);
  });
});
