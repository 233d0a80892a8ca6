import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { recheck } from '#core/policy/certify/recheck.ts';
import type { ClusterModel } from '#core/policy/cluster/cluster-model.ts';
import { worldOf } from '#core/policy/cluster/model-world.ts';
import { type ConnectivityRow, connectivityOf } from '#core/policy/connections/connectivity.ts';
import { describeRow } from '#core/policy/connections/describe-row.ts';
import { literalJudge } from '#core/policy/connections/literal-judge.ts';
import { propose } from '#core/policy/generate/propose.ts';
import { CILIUM_PROFILE, KUBERNETES_PROFILE } from '#core/policy/literal/profiles.ts';
import type { NetworkPolicy } from '#core/policy/network-policy.ts';
import type { Proposal } from '#core/policy/proposal.ts';
import { readCluster } from '../../../server/adapters/manifests/read-cluster.ts';
import { sha256 } from '../../support/baseline-fixture.ts';
import { type AppEdge, learnFromTraffic } from '../../support/boutique-recording.ts';
import { hasRecordings, recording, skippedWithoutRecordings } from '../../support/recordings.ts';

const folder = (...parts: readonly string[]): string =>
  recording('netpol', 'sample-apps', 'online-boutique', ...parts);

/** Whom each part of the application is told to call, on the port of the pods behind the Service. */
const REAL_EDGES: readonly string[] = [
  'cartservice => redis-cart : 6379',
  'checkoutservice => cartservice : 7070',
  'checkoutservice => currencyservice : 7000',
  'checkoutservice => emailservice : 8080',
  'checkoutservice => paymentservice : 50051',
  'checkoutservice => productcatalogservice : 3550',
  'checkoutservice => shippingservice : 50051',
  'frontend => adservice : 9555',
  'frontend => cartservice : 7070',
  'frontend => checkoutservice : 5050',
  'frontend => currencyservice : 7000',
  'frontend => productcatalogservice : 3550',
  'frontend => recommendationservice : 8080',
  'frontend => shippingservice : 50051',
  'loadgenerator => frontend : 8080',
  'recommendationservice => productcatalogservice : 3550',
];

function edgeOf(line: string): AppEdge {
  const [, from = '', to = '', port = ''] = /^(\S+) => (\S+) : (\d+)$/.exec(line) ?? [];
  return { from, to, port: Number(port) };
}

interface Container {
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
}

interface Manifest {
  readonly kind?: string;
  readonly metadata?: { readonly name?: string };
  readonly spec?: { readonly template?: { readonly spec?: { readonly containers?: readonly Container[] } } };
}

/** Every `..._ADDR` of a Deployment that names a Service of the model, led through to the port of its pods. */
function declaredEdges(model: ClusterModel): readonly string[] {
  const text = readFileSync(folder('release', 'kubernetes-manifests.yaml'), 'utf8');
  const manifests = parseAllDocuments(text).map((document) => document.toJS() as Manifest | null);
  const found = manifests.flatMap((manifest) => {
    if (manifest?.kind !== 'Deployment') return [];
    const env = (manifest.spec?.template?.spec?.containers ?? []).flatMap((each) => each.env ?? []);
    return env
      .filter(({ name }) => name.endsWith('_ADDR'))
      .flatMap(({ value = '' }) => {
        const [host = '', port = ''] = value.split(':');
        const service = model.services.find(({ name }) => name === host);
        const target = service?.ports.find((each) => each.port === Number(port))?.targetPort;
        return target === undefined ? [] : [`${manifest.metadata?.name} => ${host} : ${target}`];
      });
  });
  return [...new Set(found)].sort();
}

function rowsUnder(model: ClusterModel, policies: readonly NetworkPolicy[]): readonly ConnectivityRow[] {
  const profile = KUBERNETES_PROFILE;
  const allowed = literalJudge({ ...worldOf(model), policies }, profile);
  const [source] = model.services;
  if (source === undefined) throw new Error('the manifests have no Service');
  const placed = policies.map((policy) => ({ policy, source: source.source }));
  return connectivityOf({ model: { ...model, policies: placed }, profile, allowed });
}

/** Ordered pairs of two different workloads. */
const pairsOf = (rows: readonly ConnectivityRow[]): readonly string[] =>
  rows
    .filter(
      ({ from, to }) =>
        from.kind === 'workload' && to.kind === 'workload' && from.workload.name !== to.workload.name,
    )
    .map(describeRow);

describe.skipIf(!hasRecordings)(`Online Boutique, watched for an hour${skippedWithoutRecordings}`, () => {
  let model: ClusterModel;
  let proposal: Proposal;

  beforeAll(async () => {
    ({ model } = await readCluster([folder('release')]));
    const baseline = learnFromTraffic(model, REAL_EDGES.map(edgeOf));
    proposal = propose(baseline, { toolVersion: '0', profile: CILIUM_PROFILE, hash: sha256 });
  }, 60_000);

  test('its real edges are the ones that its manifests tell it of', () => {
    expect(declaredEdges(model)).toEqual(REAL_EDGES);
  });

  test('the proposal lets exactly these pairs talk, as its manifests read back say', () => {
    const policies = [...proposal.policies, ...proposal.isolation].map(({ policy }) => policy);
    const expected = REAL_EDGES.map(edgeOf).map(
      ({ from, to, port }) => `default/${from}[Deployment] => default/${to}[Deployment] : TCP ${port}`,
    );
    expect(pairsOf(rowsUnder(model, policies))).toEqual(expected);
  });

  test('every conversation is admitted, and no extra but the half of DNS that was not seen', () => {
    const { totals, extras } = proposal.certificate;
    expect(totals.admittedConversations).toBe(totals.trainingConversations);
    const clients = [...new Set(REAL_EDGES.map((line) => edgeOf(line).from))].sort();
    expect(
      extras.map(
        ({ from, to, ports, kind }) =>
          `${kind}: ${from} => ${to} : ${ports.protocol} ${ports.from}-${ports.to}`,
      ),
    ).toEqual(
      clients.map(
        (name) => `declared: default/${name}[Deployment] => kube-system/coredns[Deployment] : TCP 53-53`,
      ),
    );
  });

  test('it has at most a fifth more rules than a proposal needs, and each is needed', () => {
    const { minimality } = proposal.certificate;
    if (minimality === undefined) throw new Error('no minimality');
    expect(minimality.atLeast).toBeGreaterThan(20);
    expect(minimality.ruleCount).toBeLessThanOrEqual(1.2 * minimality.atLeast);
    expect(minimality.redundant).toBe(0);
  });

  test('its certificate holds when it is checked again', () => {
    const { certificate, policies, isolation } = proposal;
    const onDisk = [...policies, ...isolation].map(({ policy }, index) => ({ policy, file: `${index}` }));
    expect(recheck({ certificate, policies: onDisk, hash: sha256 }).findings).toEqual([]);
  });

  test('lets ten pairs fewer talk than the policies published with it, which let 26 of 132', async () => {
    const published = (await readCluster([folder('kustomize')])).model.policies.map(({ policy }) => policy);
    expect(pairsOf(rowsUnder(model, [])).length).toBe(132);
    expect(pairsOf(rowsUnder(model, published)).length).toBe(26);
    expect(proposal.certificate.totals.pairsAfter - 5).toBe(16);
  });
});
