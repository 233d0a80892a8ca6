import { describe, expect, test } from 'vitest';
import { chooseSelector, type SelectorChoice } from '#core/policy/generate/choose-selector.ts';
import { selectorKeysOf } from '#core/policy/generate/selector-keys.ts';
import { selectorWarnings } from '#core/policy/generate/warnings.ts';
import { type FixtureWorkload, workload } from '../../support/baseline-fixture.ts';
import { controller, modelOf } from '../cluster-model/cluster-fixture.ts';

type Labels = Readonly<Record<string, string>>;

const withLabels = (name: string, ...labels: readonly Labels[]): FixtureWorkload =>
  workload(name, { labels });

function choose(own: FixtureWorkload, ...others: readonly FixtureWorkload[]): SelectorChoice {
  return chooseSelector(
    own.pods,
    others.flatMap((each) => each.pods),
  );
}

/** The labels chosen, or `none`. */
function labelsOf(choice: SelectorChoice): unknown {
  return choice.kind === 'none' ? 'none' : choice.selector.matchLabels;
}

describe('a selector for a workload', () => {
  test('is the most deliberate single label that no neighbour carries', () => {
    const web = withLabels('shop/web', { app: 'web', 'app.kubernetes.io/name': 'web', tier: 'front' });
    expect(labelsOf(choose(web, withLabels('shop/db', { app: 'db' })))).toEqual({
      'app.kubernetes.io/name': 'web',
    });
  });

  test('adds the release when two releases of one chart stand side by side', () => {
    const labels = {
      'app.kubernetes.io/name': 'redis',
      'app.kubernetes.io/instance': 'a',
      'helm.sh/chart': 'redis-1',
    };
    const other = withLabels('shop/redis-b', { ...labels, 'app.kubernetes.io/instance': 'b' });
    const choice = choose(withLabels('shop/redis-a', labels), other);
    expect(labelsOf(choice)).toEqual({ 'app.kubernetes.io/instance': 'a' });
    const third = withLabels('shop/worker-a', {
      'app.kubernetes.io/name': 'worker',
      'app.kubernetes.io/instance': 'a',
    });
    expect(labelsOf(choose(withLabels('shop/redis-a', labels), other, third))).toEqual({
      'app.kubernetes.io/name': 'redis',
      'app.kubernetes.io/instance': 'a',
    });
  });

  test.each([
    'pod-template-hash',
    'controller-revision-hash',
    'statefulset.kubernetes.io/pod-name',
    'apps.kubernetes.io/pod-index',
    'batch.kubernetes.io/job-name',
    'batch.kubernetes.io/controller-uid',
    'controller-uid',
    'job-name',
    'helm.sh/chart',
    'security.istio.io/tlsMode',
    'topology.kubernetes.io/zone',
  ])('never rests on %s', (key) => {
    expect(labelsOf(choose(withLabels('shop/web', { [key]: 'x' })))).toBe('none');
  });

  test('never rests on a label whose value changed within the workload, or that some pods lack', () => {
    const pods = [
      { app: 'web', track: 'stable', extra: 'x' },
      { app: 'web', track: 'canary' },
    ];
    const other = withLabels('shop/other', { app: 'web' });
    const choice = choose(withLabels('shop/web', ...pods), other);
    expect(labelsOf(choice)).toEqual({ app: 'web' });
    expect(choice.kind === 'selector' && choice.collidesWith).toEqual([other.id]);
  });

  test('takes the version only to tell apart workloads that run side by side, beside their name, and says so', () => {
    const v1 = withLabels('shop/reviews-v1', { app: 'reviews', version: 'v1' });
    const v2 = withLabels('shop/reviews-v2', { app: 'reviews', version: 'v2' });
    const choice = choose(v2, v1);
    expect(labelsOf(choice)).toEqual({ app: 'reviews', version: 'v2' });
    expect(choice.kind === 'selector' && choice.versionKeys).toEqual(['version']);
    const alone = choose(v2, withLabels('shop/web', { app: 'web', version: 'v1' }));
    expect(labelsOf(alone)).toEqual({ app: 'reviews' });
    expect(alone.kind === 'selector' && alone.versionKeys).toEqual([]);
  });

  test('keeps the name of the application when another label is what tells the pods apart', () => {
    const front = withLabels('shop/front', { app: 'shop', tier: 'front' });
    const back = withLabels('shop/back', { app: 'shop', tier: 'back' });
    expect(labelsOf(choose(front, back))).toEqual({ app: 'shop', tier: 'front' });
  });

  test('uses only labels that the API server would take', () => {
    const hostile = { 'a b': 'x', app: 'a\n- {}', ok: '-bad-', fine: 'yes' };
    expect(labelsOf(choose(withLabels('shop/web', hostile)))).toEqual({ fine: 'yes' });
  });

  test('reports whom it also selects when nothing tells two workloads apart', () => {
    const twin = withLabels('shop/twin', { app: 'web' });
    const choice = choose(withLabels('shop/web', { app: 'web' }), twin);
    expect(choice.kind === 'selector' && choice.collidesWith).toEqual([twin.id]);
  });

  test('finds an exact set of more than three labels, without the needless ones', () => {
    const own = { app: 'x', a: '1', b: '1', c: '1', d: '1', e: '1' };
    const others = ['a', 'b', 'c', 'd'].map((key) => withLabels(`shop/not-${key}`, { ...own, [key]: '2' }));
    const choice = choose(withLabels('shop/own', own), ...others);
    expect(labelsOf(choice)).toEqual({ app: 'x', a: '1', b: '1', c: '1', d: '1' });
    expect(choice.kind === 'selector' && choice.collidesWith).toEqual([]);
  });

  test('prefers labels that the controller itself selects by, for they can not change', () => {
    const web = withLabels('shop/web', { 'app.kubernetes.io/name': 'web', role: 'front' });
    const db = withLabels('shop/db', { 'app.kubernetes.io/name': 'db', role: 'back' });
    const choice = chooseSelector(web.pods, db.pods, new Set(['role', 'gone']));
    expect(labelsOf(choice)).toEqual({ role: 'front' });
  });

  test('takes other labels when those of the controller also match somebody else', () => {
    const web = withLabels('shop/web', { app: 'web', role: 'front' });
    const api = withLabels('shop/api', { app: 'api', role: 'front' });
    expect(labelsOf(chooseSelector(web.pods, api.pods, new Set(['role'])))).toEqual({ app: 'web' });
  });

  test('offers a label that would end a collision, under a key that the pods do not have yet', () => {
    const twin = withLabels('shop/twin', { app: 'web', 'app.kubernetes.io/name': 'web' });
    const choice = choose(withLabels('shop/web', { app: 'web', 'app.kubernetes.io/name': 'web' }), twin);
    expect(choice.kind === 'selector' && choice.patch).toEqual(['app.kubernetes.io/component', 'web']);
    const [row] = selectorWarnings({ id: twin.id, rows: twin.pods, choice });
    expect(row?.message).toContain('Add app.kubernetes.io/component: web to the labels of its pod template');
  });
});

describe('the keys that controllers select by', () => {
  test('are read from manifests, with those of expressions', () => {
    const selector = { matchLabels: { app: 'web' }, matchExpressions: [{ key: 'role', operator: 'Exists' }] };
    const model = modelOf(controller('Deployment', 'web', { selector }), controller('Deployment', 'bare'));
    const keys = [...selectorKeysOf(model, 'east')].map(([id, each]) => [id, [...each]]);
    expect(keys).toEqual([['east/shop/Deployment/web', ['app', 'role']]]);
  });
});
