import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser } from '../../support/browser.ts';
import { type PageVariant, startPageFixture } from '../../support/page-fixture.ts';

/**
 * Pictures of the page over made-up data, for judging it by eye: `node test/e2e/page-fixture/screenshots.ts [FOLDER]
 * [NAME…]`. Fails on any console error or warning.
 */

interface Shot {
  readonly name: string;
  readonly variant: PageVariant;
  readonly query: string;
  readonly scheme?: 'light' | 'dark';
  readonly size?: readonly [number, number];
  act?(page: Page): Promise<void>;
}

const open = (...groups: readonly string[]): string =>
  groups.map((group) => `open=${encodeURIComponent(group)}`).join('&');
const SHOP = open('ns:demo/shop');
const ALL = open(
  'ns:demo/shop',
  'ns:demo/data',
  'outside-called',
  'cluster',
  'ns:demo/kube-system',
  'ns:demo/monitoring',
);
const sel = (...parts: readonly (string | number)[]): string =>
  `sel=${encodeURIComponent(JSON.stringify(parts))}`;
const RECOMMENDATIONS = 'workload:demo/shop/Deployment/recommendations';

const CHECKOUT = 'workload:demo/shop/Deployment/checkout';
const REACH = `${sel('vertex', CHECKOUT)}&tab=reach&jewel=${encodeURIComponent('data/cache')}&reach=${encodeURIComponent(JSON.stringify(['proposal', CHECKOUT]))}`;

/** Puts the pointer on the time bar, `share` of the way along. */
async function hoverTime(page: Page, share: number): Promise<void> {
  const plot = page.getByTestId('time-plot');
  const width = (await plot.boundingBox())?.width ?? 0;
  await plot.hover({ position: { x: width * share, y: 40 } });
}

const SHOTS: readonly Shot[] = [
  { name: 'map-closed', variant: 'shop', query: '' },
  { name: 'map-shop', variant: 'shop', query: SHOP },
  { name: 'map-shop-dark', variant: 'shop', query: SHOP, scheme: 'dark', size: [1600, 1000] },
  { name: 'map-all', variant: 'shop', query: ALL, size: [1600, 1000] },
  { name: 'map-workload', variant: 'shop', query: `${SHOP}&${sel('vertex', RECOMMENDATIONS)}` },
  { name: 'map-edge', variant: 'shop', query: `${SHOP}&${sel('edge', 5)}`, size: [1600, 1000] },
  { name: 'map-edge-flows', variant: 'shop', query: `${SHOP}&${sel('edge', 23)}&tab=flows` },
  {
    name: 'map-edge-baseline',
    variant: 'shop',
    query: `${SHOP}&${sel('edge', 21)}&tab=baseline`,
    scheme: 'dark',
  },
  { name: 'edge-why', variant: 'shop', query: `${SHOP}&${sel('edge', 22)}`, size: [1600, 1000] },
  { name: 'edge-why-dark', variant: 'shop', query: `${SHOP}&${sel('edge', 7)}`, scheme: 'dark' },
  { name: 'reach', variant: 'shop', query: `${ALL}&${REACH}`, size: [1600, 1000] },
  { name: 'reach-dark', variant: 'shop', query: REACH, scheme: 'dark', size: [1600, 1000] },
  { name: 'sankey', variant: 'shop', query: 'as=sankey', size: [1600, 1000] },
  { name: 'sankey-crowd-dark', variant: 'crowd', query: 'as=sankey', scheme: 'dark', size: [1600, 1000] },
  { name: 'map-list', variant: 'shop', query: `${SHOP}&list=1` },
  { name: 'map-denied', variant: 'shop', query: `${SHOP}&show=denied` },
  { name: 'map-group', variant: 'shop', query: `${sel('group', 'ns:demo/shop')}` },
  { name: 'crowd', variant: 'crowd', query: '', size: [1600, 1000] },
  { name: 'crowd-open', variant: 'crowd', query: open('ns:big/team-checkout'), size: [1600, 1000] },
  { name: 'empty', variant: 'empty', query: '' },
  { name: 'error', variant: 'error', query: 'page=proposals' },
  { name: 'proposals', variant: 'shop', query: 'page=proposals' },
  { name: 'proposals-dark', variant: 'shop', query: 'page=proposals', scheme: 'dark', size: [1600, 1000] },
  {
    name: 'training',
    variant: 'shop',
    query: 'page=proposals',
    act: (page) => page.getByTestId('aside-training').click(),
  },
  { name: 'proposals-empty', variant: 'empty', query: 'page=proposals' },
  { name: 'findings', variant: 'shop', query: 'page=findings' },
  { name: 'findings-dark', variant: 'shop', query: 'page=findings', scheme: 'dark', size: [1600, 1000] },
  { name: 'sources', variant: 'shop', query: 'page=sources' },
  { name: 'login', variant: 'locked', query: '' },
  {
    name: 'login-refused-dark',
    variant: 'locked',
    query: '',
    scheme: 'dark',
    act: async (page) => {
      await page.getByLabel('Access token').fill('a wrong token');
      await page.getByRole('button', { name: 'Log in' }).click();
      await page.getByRole('alert').waitFor();
    },
  },
  { name: 'time-tip', variant: 'shop', query: SHOP, act: (page) => hoverTime(page, 0.93) },
  {
    name: 'time-tip-dark',
    variant: 'shop',
    query: SHOP,
    scheme: 'dark',
    act: (page) => hoverTime(page, 0.3),
  },
  { name: 'help', variant: 'shop', query: '', act: (page) => page.keyboard.press('?') },
];

async function take(browser: Browser, shot: Shot, folder: string): Promise<readonly string[]> {
  const fixture = await startPageFixture(shot.variant);
  const [width, height] = shot.size ?? [1280, 800];
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: shot.scheme ?? 'light',
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    const isExpected = ['error', 'empty', 'locked'].includes(shot.variant);
    if (['error', 'warning'].includes(message.type()) && !isExpected)
      complaints.push(`${shot.name}: ${message.text()}`);
  });
  page.on('pageerror', (error) => complaints.push(`${shot.name}: ${error.message}`));
  await page.goto(`${fixture.url}/?${shot.query}`);
  await page.getByTestId(shot.variant === 'locked' ? 'login' : 'trust').waitFor();
  await page.waitForLoadState('networkidle');
  await shot.act?.(page);
  await page.waitForLoadState('networkidle');
  await page.screenshot({ path: join(folder, `${shot.name}.png`) });
  await context.close();
  await fixture.close();
  return complaints;
}

const [folder = 'test/e2e/screenshots', ...names] = process.argv.slice(2);
await mkdir(folder, { recursive: true });
const browser = await launchBrowser();
const complaints: string[] = [];
for (const shot of SHOTS) {
  if (names.length === 0 || names.some((name) => shot.name.startsWith(name))) {
    complaints.push(...(await take(browser, shot, folder)));
  }
}
await browser.close();
for (const complaint of complaints) process.stderr.write(`${complaint}\n`);
process.exitCode = complaints.length > 0 ? 1 : 0;
