import { AxeBuilder } from '@axe-core/playwright';
import { describe, expect, test } from 'vitest';
import type { GraphNode } from '#contract/graph.ts';
import { hasBrowser, skippedWithoutBrowser } from '../../support/browser.ts';
import { pageDesk } from '../../support/page-fixture-browser.ts';
import { FIXTURE_NOW, shopEdges, shopNodes, shopTrust } from '../../support/page-fixture-shop.ts';

const SHOP = 'node-ns:demo/shop';
const RECOMMENDATIONS = 'node-workload:demo/shop/Deployment/recommendations';

describe.skipIf(!hasBrowser)(`the page over made-up data${skippedWithoutBrowser}`, () => {
  const desk = pageDesk();
  const { open } = desk;

  test('opens on namespaces, opens one, and shows the evidence of an edge', async () => {
    const { page } = await open('shop');
    await page.locator('[data-testid="map"][data-ready="true"]').waitFor();
    await page.getByTestId('list-toggle').click();
    await page.getByTestId(SHOP).click();
    await page.getByTestId(RECOMMENDATIONS).click();
    const panel = page.getByTestId('panel');
    await panel.getByRole('heading', { name: 'recommendations' }).waitFor();
    await panel.getByTestId('edge-row-23').click();
    await page.getByTestId('tab-flows').click();
    expect(await page.getByTestId('evidence').innerText()).toContain('POLICY_DENIED');
    expect(new URL(page.url()).searchParams.get('sel')).toBe('["edge",23]');
  });

  test('a click on the canvas opens what is under the pointer', async () => {
    const { page } = await open('shop');
    await page.locator('[data-testid="map"][data-ready="true"]').waitFor();
    const map = await page.getByTestId('map').boundingBox();
    if (map === null) throw new Error('the map has a size');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    await page.waitForURL(/open=/);
    await page.mouse.click(map.x + 4, map.y + map.height - 4);
    await page.waitForURL((url) => !url.searchParams.has('sel'));
    expect(new URL(page.url()).searchParams.getAll('open')).toHaveLength(1);
  });

  test('a delta with a new workload shows it at once, and the trust strip follows', async () => {
    const { page, fixture: served } = await open(
      'shop',
      `?list=1&open=${encodeURIComponent('ns:demo/shop')}`,
    );
    await page.getByTestId(RECOMMENDATIONS).waitFor();
    const late: GraphNode = {
      ...(shopNodes[1] as GraphNode),
      id: 'workload:demo/shop/Deployment/late',
      label: 'late',
    };
    served.push({
      seq: 8,
      now: FIXTURE_NOW + 60_000,
      nodes: [late],
      removedNodes: [],
      edges: [{ ...(shopEdges[4] as (typeof shopEdges)[number]), id: 900, to: late.id, state: 'new' }],
      removedEdges: [],
      ticks: [],
      minutes: [],
      trust: { ...shopTrust, flows: 83_000 },
      findings: [],
    });
    await page.getByTestId(`node-${late.id}`).waitFor();
    await page.getByTestId('trust').getByText('83k').waitFor();
    expect(await page.getByTestId('edge-900').count()).toBe(1);
  });

  test('the query completes what is written, narrows the map, and marks what it can not read', async () => {
    const { page } = await open('shop');
    await page.locator('[data-testid="map"][data-ready="true"]').waitFor();
    const bar = page.getByRole('combobox', { name: 'Query' });
    await bar.fill('from:shop/car');
    await page.getByRole('option', { name: 'shop/cart' }).click();
    expect(await bar.inputValue()).toBe('from:shop/cart');
    await page.getByText(/^\d+ of \d+ edges match$/).waitFor();
    await bar.fill('from:shop/cart verdicts:denied');
    const fault = page.getByRole('status').filter({ hasText: 'There is no field of this name' });
    await fault.waitFor();
    expect(await fault.locator('mark').textContent()).toBe('verdicts');
    expect(await page.getByText(/edges match$/).count()).toBe(0);
    await bar.fill('to:nobody');
    await fault.waitFor({ state: 'hidden' });
  });

  test('the same edges are a matrix and a table, with the same filter and selection', async () => {
    const { page } = await open('shop');
    await page.locator('[data-testid="map"][data-ready="true"]').waitFor();
    await page.getByRole('combobox', { name: 'Query' }).fill('to:shop/cart');
    await page.getByText('Table', { exact: true }).click();
    const rows = page.locator('[data-testid^="table-row-"]');
    await rows.first().waitFor();
    const text = await page.getByText(/^\d+ of \d+ edges match$/).textContent();
    expect(await rows.count()).toBe(Number(text?.split(' ')[0]));
    for (const row of await rows.all()) expect(await row.textContent()).toContain('shop/cart');
    await page.getByRole('button', { name: 'Conversations' }).click();
    const sorted = page.locator('th[data-column="conversations"]');
    expect(await sorted.getAttribute('aria-sort')).toBe('ascending');
    await rows.first().click();
    await page.getByTestId('panel').waitFor();
    await page.getByText('Matrix', { exact: true }).click();
    const cells = page.locator('[data-testid^="cell-"][data-dim="false"]');
    await cells.first().waitFor();
    await cells.first().focus();
    expect(await page.locator('th[data-pointed="true"]').count()).toBe(2);
    await cells.first().click();
    expect(await cells.first().getAttribute('aria-pressed')).toBe('true');
    expect(new URL(page.url()).searchParams.get('as')).toBe('matrix');
  });

  test('traffic between namespaces is a sankey, with the same filter, selection and keyboard', async () => {
    const { page } = await open('shop', `?as=sankey&open=${encodeURIComponent('ns:demo/shop')}`);
    const drawing = page.getByRole('region', { name: 'Traffic between namespaces' });
    const band = drawing.getByRole('button', { name: /^shop → data: 2 ports, \d+ conversations/ });
    await band.focus();
    await page.keyboard.press('Enter');
    expect(await band.getAttribute('aria-pressed')).toBe('true');
    await page
      .getByTestId('panel')
      .getByRole('heading', { name: /shop to data|shop.*data/ })
      .waitFor();
    await page.getByRole('combobox', { name: 'Query' }).fill('from:monitoring/*');
    await page.getByText(/^\d+ of \d+ edges match$/).waitFor();
    await page.keyboard.press('Escape');
    await page.getByTestId('panel').getByRole('button', { name: 'Close (Esc)' }).click();
    await drawing.locator('[data-testid^="band-"][data-dim="true"]').first().waitFor();
    const lit = drawing.locator('[data-testid^="band-"][data-dim="false"]');
    for (const each of await lit.all())
      expect(await each.getAttribute('aria-label')).toMatch(/^monitoring → /);
    expect(await lit.count()).toBeGreaterThan(0);
  });

  test('when the line goes down the last picture stays, and says so', async () => {
    const { page, fixture: served } = await open('shop');
    await page.locator('[data-testid="map"][data-ready="true"]').waitFor();
    desk.expect(/WebSocket/); // the page tries again, and is refused
    served.disconnect();
    await page
      .getByTestId('trust')
      .getByText(/Disconnected/)
      .waitFor();
    expect(await page.getByTestId('map').count()).toBe(1);
  });

  test('the proposal is read with its YAML, certificate and training', async () => {
    const { page } = await open('shop');
    await page.getByTestId('rail-proposals').waitFor();
    await page.keyboard.press('g');
    await page.keyboard.press('p');
    await page.getByTestId('policy-yaml').getByText('kind: NetworkPolicy').waitFor();
    expect(await page.getByTestId('certificate').innerText()).toContain(
      'The Cilium entity kube-apiserver would admit it.',
    );
    await page.getByTestId('aside-training').click();
    expect(await page.getByTestId('training').innerText()).toContain('2 edges were seen only once.');
  });

  test('a finding leads to its edge, and can be acknowledged with a reason', async () => {
    const { page } = await open('shop', '?page=findings');
    const rows = page.getByTestId('finding-row');
    await rows.first().waitFor();
    expect(await rows.count()).toBe(5);
    await rows.first().getByRole('button', { name: 'Acknowledge' }).click();
    await page.getByLabel('Reason').fill('The rollout of checkout v2');
    await page.getByRole('dialog').getByRole('button', { name: 'Acknowledge' }).click();
    await expect.poll(() => rows.count()).toBe(4);
    await rows.first().locator('button[title]').first().click();
    await page.getByTestId('panel').getByText('New since the baseline').first().waitFor();
  });

  test('a decision needs a reason, and answers with the new proposal', async () => {
    const { page } = await open('shop', `?sel=${encodeURIComponent('["edge",21]')}&tab=baseline`);
    await page.getByTestId('decide-accepted').click();
    expect(await page.getByTestId('decide-save').isDisabled()).toBe(true);
    await page.getByLabel('Reason').fill('Planned with release v2');
    await page.getByTestId('decide-save').click();
    await page.getByText('The new proposal is proposal-a1.').waitFor();
  });

  test('the time bar says how many conversations a minute had, and follows the deltas', async () => {
    const { page, fixture: served } = await open('shop');
    const plot = page.getByTestId('time-plot');
    const width = (await plot.boundingBox())?.width ?? 0;
    const at = FIXTURE_NOW - (FIXTURE_NOW % 60_000);
    await plot.hover({ position: { x: width - 2, y: 40 } });
    const tip = page.getByTestId('time-tip');
    expect(await tip.innerText()).toContain('2026-03-03 14:05 UTC');
    served.push({
      seq: 8,
      now: FIXTURE_NOW,
      nodes: [],
      removedNodes: [],
      edges: [],
      removedEdges: [],
      ticks: [],
      minutes: [{ at, conversations: 777, denied: 55 }],
      trust: shopTrust,
      findings: [],
    });
    await tip.getByText('777 conversations').waitFor();
    await tip.getByText('55 denied').waitFor();
    expect(await page.getByTestId('time-bar').getByRole('img').getAttribute('aria-label')).toMatch(
      /conversations, \d+ of them denied, 5 new edges/,
    );
  });

  test('without a session there is nothing to log out of', async () => {
    const { page } = await open('shop');
    await page.locator('[data-testid="map"][data-ready="true"]').waitFor();
    expect(await page.getByTestId('log-out').count()).toBe(0);
  });

  test('nothing yet, and refusals, say what to do', async () => {
    const empty = await open('empty');
    expect(await empty.page.getByTestId('empty').innerText()).toContain('npm start -- --file events.log');
    await desk.shut();
    const refused = await open('error', '?page=proposals');
    expect(await refused.page.getByTestId('error').innerText()).toContain('another process holds its lock');
  });

  test('three hundred workloads stay within what is drawn, and the page says what it left out', async () => {
    const groups = ['checkout', ...['search-1', 'identity-0', 'billing-1', 'media-0', 'ads-1', 'platform-1']];
    const query = groups.map((name) => `open=${encodeURIComponent(`ns:big/team-${name}`)}`).join('&');
    const { page } = await open('crowd', `?list=1&${query}`);
    await page.getByTestId('hidden').waitFor();
    expect(await page.getByTestId('twin').locator('[data-testid^="node-"]').count()).toBeLessThanOrEqual(200);
  });

  const reachQuery = `?tab=reach&jewel=${encodeURIComponent('data/orders-db')}&sel=${encodeURIComponent('["vertex","workload:demo/shop/Deployment/frontend"]')}&reach=${encodeURIComponent('["proposal","workload:demo/shop/Deployment/frontend"]')}`;

  test.each([
    '',
    '?as=matrix',
    '?as=sankey',
    '?as=table',
    `?sel=${encodeURIComponent('["edge",22]')}`,
    reachQuery,
    '?page=proposals',
    '?page=findings',
    '?page=sources',
  ])('axe finds nothing to complain about on /%s, in light and dark', async (query) => {
    const { page } = await open('shop', query);
    await page.waitForLoadState('networkidle');
    for (const _ of ['light', 'dark']) {
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(
        violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`),
      ).toEqual([]);
      await page.getByTestId('scheme').click();
      // The button's tooltip comes and goes by the clock; it is no part of the page that is looked at.
      await page.mouse.move(0, 0);
      await page.getByRole('tooltip').waitFor({ state: 'hidden' });
    }
  });
});
