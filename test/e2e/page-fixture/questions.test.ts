import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import type { GraphEdge } from '#contract/graph.ts';
import { hasBrowser, skippedWithoutBrowser } from '../../support/browser.ts';
import { pageDesk } from '../../support/page-fixture-browser.ts';
import { FIXTURE_NOW, shopEdges, shopTrust } from '../../support/page-fixture-shop.ts';

const RECOMMENDATIONS = 'node-workload:demo/shop/Deployment/recommendations';

const panelOf = (page: Page) => page.getByRole('complementary', { name: 'Details' });
const regionOf = (page: Page, name: string) => panelOf(page).getByRole('region', { name });
const edgeAt = (id: number): string => `?sel=${encodeURIComponent(`["edge",${id}]`)}`;

describe.skipIf(!hasBrowser)(`questions about policies in the panel${skippedWithoutBrowser}`, () => {
  const desk = pageDesk();

  test('a blocked edge says which rule is missing, and that the current policies let it pass', async () => {
    const { page } = await desk.open('shop', edgeAt(22));
    const panel = panelOf(page);
    await panel.getByRole('status').filter({ hasText: 'Denied under the proposal' }).waitFor();
    await panel.getByRole('heading', { name: 'Egress of shop/recommendations' }).waitFor();
    expect(await panel.getByText('shop/<img src=x onerror=alert(1)> egress[1]').count()).toBe(1);
    expect(await page.locator('img[src="x"]').count()).toBe(0);
    expect(await panel.getByRole('term').filter({ hasText: 'Pod label' }).count()).toBe(2);
    const patch = regionOf(page, 'Add to spec.ingress of data/orders-db-ab12cd34');
    expect((await patch.textContent())?.split('\n').slice(0, 2)).toEqual(['- from:', '    - podSelector:']);
    await panel.getByRole('radio', { name: 'Proposal' }).focus();
    await page.keyboard.press('ArrowRight');
    await panel.getByRole('status').filter({ hasText: 'Allowed by the current policies' }).waitFor();
    expect(await panel.getByText('Smallest patch').count()).toBe(0);
  });

  test('an edge between two ends outside is no question for policies, and says so', async () => {
    const { page, fixture } = await desk.open('shop', '?list=1');
    const panel = panelOf(page);
    await page.getByTestId('trust').getByText('82.3k').waitFor();
    fixture.push({
      seq: 8,
      now: FIXTURE_NOW,
      nodes: [],
      removedNodes: [],
      edges: [
        { ...(shopEdges[0] as GraphEdge), id: 950, from: 'entity:remote-node', to: 'entity:kube-apiserver' },
      ],
      removedEdges: [],
      ticks: [],
      minutes: [],
      trust: { ...shopTrust, flows: 83_000 },
      findings: [],
    });
    await page.getByTestId('trust').getByText('83k').waitFor();
    await page.goto(`${fixture.url}/${edgeAt(950)}`);
    await panel.getByText('with no workload at either end there is nothing to ask').waitFor();
  });

  test('a server that knows no current policies says how to start it with them', async () => {
    const { page } = await desk.open('crowd', edgeAt(1));
    const panel = panelOf(page);
    await panel.getByRole('status').filter({ hasText: 'under the proposal' }).waitFor();
    await panel.getByRole('radiogroup', { name: 'Under which policies' }).getByText('Current').click();
    await panel.getByText('bulkhead serve --policies FOLDER').waitFor();
  });

  test('a workload says what it reaches, and the map lights it until everything is wanted again', async () => {
    const selected = encodeURIComponent('["vertex","workload:demo/shop/Deployment/checkout"]');
    const { page } = await desk.open(
      'shop',
      `?list=1&open=${encodeURIComponent('ns:demo/shop')}&sel=${selected}`,
    );
    const panel = panelOf(page);
    await panel.getByRole('tab', { name: 'Reach' }).click();
    const hops = panel.getByRole('table', { name: 'If this is taken over' });
    await hops.waitFor();
    expect(await hops.getByRole('row', { name: /^1 hop/ }).innerText()).toMatch(/5\s+4\s+4/);
    await panel.getByText('The proposal cuts its reach from 6 to 5 workloads.').waitFor();
    const direct = panel.getByRole('button', { name: /kube-system\/coredns/ });
    expect(await direct.innerText()).toContain('Never used');
    await panel.getByRole('radiogroup', { name: 'Show on the map' }).getByText('Proposal').click();
    await page.getByText('Lit: what shop/checkout reaches under the proposal, 5 workloads').waitFor();
    const twin = page.getByTestId('twin');
    expect(
      await twin.getByTestId('node-workload:demo/shop/Deployment/payments').getAttribute('data-dim'),
    ).toBe('false');
    expect(await twin.getByTestId(RECOMMENDATIONS).getAttribute('data-dim')).toBe('true');
    await page.reload();
    await page.getByText('Lit: what shop/checkout reaches under the proposal, 5 workloads').waitFor();
    await page.getByRole('button', { name: 'Show everything' }).click();
    await page.waitForURL((url) => !url.searchParams.has('reach'));
  });

  test('the shortest path to a crown jewel is found, and an unknown one is said to be unknown', async () => {
    const selected = encodeURIComponent('["vertex","workload:demo/shop/Deployment/frontend"]');
    const { page } = await desk.open('shop', `?tab=reach&sel=${selected}`);
    const panel = panelOf(page);
    const jewel = panel.getByRole('combobox', { name: 'Crown jewel' });
    await jewel.fill('data/orders');
    await page.getByRole('option', { name: 'data/orders-db[StatefulSet]' }).click();
    await panel.getByText('Reached in 2 hops').first().waitFor();
    expect(await panel.getByRole('listitem').filter({ hasText: 'shop/checkout' }).count()).toBeGreaterThan(0);
    expect(await page.locator('img[src="x"]').count()).toBe(0);
    desk.expect(/404/); // the server says that it is unknown
    await jewel.fill('tier=nobody');
    await panel.getByRole('button', { name: 'Find the path' }).click();
    await panel.getByRole('alert').filter({ hasText: 'no pod carries this label' }).waitFor();
  });
});
