import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeDocument } from '#core/policy/cluster/decode-object.ts';
import { describeManifestProblem, fieldText, parseFieldText } from '#core/policy/cluster/manifest-problem.ts';
import { clusterFromTexts } from '../../server/adapters/manifests/read-cluster.ts';
import { HOSTILE_STRINGS } from '../support/hostile-strings.ts';

const pod = (name: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'shop', labels: { app: name } },
  spec: { containers: [{ name: 'app', ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }] }] },
  status: { podIP: '10.0.0.1', phase: 'Running' },
});

const SHOP_YAML = `apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop}
spec:
  replicas: 2
  template:
    metadata:
      labels: &labels
        app: cart
    spec:
      containers:
      - name: app
        ports:
        - {name: http, containerPort: 8080}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: cart
  namespace: shop
spec:
  podSelector:
    matchLabels: {app: cart}
  policyTypes: [Ingress, Egress]
  ingress:
  - from:
    - namespaceSelector: {}
      podSelector: {matchExpressions: [{key: app, operator: In, values: [ui, db]}]}
    - ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}
    ports:
    - {protocol: TCP, port: http}
    - {protocol: UDP, port: 8000, endPort: 8010}
---
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec:
  selector: {app: cart}
  ports:
  - {port: 80, targetPort: http}
`;

const SHOP_JSON = JSON.stringify(
  { apiVersion: 'v1', kind: 'List', items: ['a', 'b'].map(pod) },
  undefined,
  2,
);

/** What damage writes: pieces of syntax, and what an attacker would. */
const anyScrap = fc.oneof(
  fc.constantFrom(
    ...'{}[]:-,&*!|>\'"%@`#?\\\n\t '.split(''),
    '---\n',
    '...\n',
    '<<: *labels',
    '\r',
    '\u0000',
    '\u0085',
  ),
  fc.constantFrom(...HOSTILE_STRINGS),
  fc.string({ maxLength: 5 }),
);

const anyDamage = fc.record({ at: fc.nat(), cut: fc.nat({ max: 12 }), scrap: anyScrap });
type Damage = typeof anyDamage extends fc.Arbitrary<infer Value> ? Value : never;

function damaged(text: string, damages: readonly Damage[]): string {
  let result = text;
  for (const { at, cut, scrap } of damages) {
    const start = at % (result.length + 1);
    result = result.slice(0, start) + scrap + result.slice(start + cut);
  }
  return result;
}

/** What a reader may refuse a whole file for, and what ends a document. */
const ENDS_DOCUMENT =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it is about
  /[\u0000-\u001f\u007f-\u009f\u2028\u2029\ufffe\uffff]/;

const linesIn = (text: string): number => text.split('\n').length;

describe('manifests damaged at random', () => {
  test.each([
    ['shop.yaml', SHOP_YAML],
    ['shop.json', SHOP_JSON],
    ['shop.yaml', SHOP_JSON],
  ])('in %s never end the reading, and every problem has a place in the file', (file, text) => {
    fc.assert(
      fc.property(fc.array(anyDamage, { minLength: 1, maxLength: 4 }), (damages) => {
        const broken = damaged(text, damages);
        const { problems } = clusterFromTexts([{ file, text: broken }]);
        for (const problem of problems) {
          expect(problem.line).toBeGreaterThanOrEqual(1);
          expect(problem.line).toBeLessThanOrEqual(linesIn(broken));
          expect(describeManifestProblem(problem)).toContain(`${file}:${problem.line}`);
        }
      }),
      { numRuns: 600 },
    );
  });

  test('cost nothing of the documents before and after', () => {
    const whole = [pod('before'), pod('broken'), pod('after')].map((each) =>
      JSON.stringify(each, undefined, 1),
    );
    const anyHarmless = anyDamage.filter(({ scrap }) => !ENDS_DOCUMENT.test(scrap));
    fc.assert(
      fc.property(fc.array(anyHarmless, { minLength: 1, maxLength: 3 }), (damages) => {
        const broken = damaged(whole[1] ?? '', damages);
        const text = [whole[0], broken, whole[2]].join('\n---\n');
        const { model } = clusterFromTexts([{ file: 'pods.yaml', text: `# pods\n${text}` }]);
        const names = model.workloads.map(({ name }) => name);
        expect(names).toEqual(expect.arrayContaining(['after', 'before']));
      }),
      { numRuns: 300 },
    );
  });

  test('and cut off anywhere, leave a problem or a smaller cluster behind', () => {
    fc.assert(
      fc.property(fc.nat({ max: SHOP_JSON.length - 3 }), (end) => {
        const { model, problems } = clusterFromTexts([{ file: 'a.json', text: SHOP_JSON.slice(0, end) }]);
        expect(model.workloads).toEqual([]);
        expect(problems.length).toBe(end === 0 ? 0 : 1);
      }),
    );
  });
});

describe('data of any shape', () => {
  test('is an object or a fault with a place, and never an exception', () => {
    const anyNamed = fc.record(
      {
        apiVersion: fc.constantFrom('v1', 'apps/v1', 'networking.k8s.io/v1', 'batch/v1'),
        kind: fc.constantFrom(
          'Pod',
          'Deployment',
          'CronJob',
          'Service',
          'Ingress',
          'NetworkPolicy',
          'Namespace',
          'List',
        ),
        metadata: fc.oneof(
          fc.jsonValue(),
          fc.record({ name: fc.constant('a'), labels: fc.jsonValue(), ownerReferences: fc.jsonValue() }),
        ),
        spec: fc.oneof(
          fc.jsonValue(),
          fc.record({
            template: fc.jsonValue(),
            containers: fc.jsonValue(),
            ports: fc.jsonValue(),
            ingress: fc.jsonValue(),
          }),
        ),
        items: fc.jsonValue(),
      },
      { requiredKeys: ['apiVersion', 'kind'] },
    );
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), anyNamed), (value) => {
        for (const { object, issues } of decodeDocument(value)) {
          const isExplained = object !== undefined || issues.some(({ leftOut }) => leftOut === 'object');
          expect(isExplained).toBe(true);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('has field names that can be read back', () => {
    const anyPath = fc.array(
      fc.oneof(
        fc.nat({ max: 99 }),
        fc.string({ unit: 'binary', maxLength: 6 }),
        fc.constantFrom('spec', 'a/b'),
      ),
    );
    fc.assert(
      fc.property(anyPath, (path) => {
        fc.pre(!path.some((step) => typeof step === 'string' && /^\d+$/.test(step)));
        expect(parseFieldText(fieldText(path))).toEqual(path);
      }),
    );
  });
});
