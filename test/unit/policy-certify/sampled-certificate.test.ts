import { describe, expect, test } from 'vitest';
import { canonicalJson, toJson } from '#core/baseline/canonical-json.ts';
import type { Certificate } from '#core/policy/certificate.ts';
import { CutBook } from '#core/policy/certify/cell-cuts.ts';
import { CellJudge, EvaluatorsDisagree } from '#core/policy/certify/cell-judge.ts';
import { Lots, shareAt } from '#core/policy/certify/cell-sample.ts';
import { decodeCertificate } from '#core/policy/certify/certificate-codec.ts';
import { contentHashOf, hashingContent } from '#core/policy/certify/content-hash.ts';
import { recheck } from '#core/policy/certify/recheck.ts';
import { seatOf } from '#core/policy/certify/sides.ts';
import { type Court, standInsOf } from '#core/policy/certify/stand-ins.ts';
import { runToEnd } from '#core/policy/certify/steps.ts';
import { propose } from '#core/policy/generate/propose.ts';
import { CILIUM_PROFILE } from '#core/policy/literal/profiles.ts';
import { baselineOf, edge, sha256, workload } from '../../support/baseline-fixture.ts';
import { proposeFrom, shopBaseline } from '../propose/shop-fixture.ts';

const SIZE = 110;

/** More cells than the judge is asked about one by one. */
function largeBaseline() {
  const workloads = Array.from({ length: SIZE }, (_, index) =>
    workload(`team-${index % 4}/service-${index}`),
  );
  const edges = workloads.flatMap((from, index) =>
    Array.from({ length: 16 }, (_, port) =>
      edge(from, workloads[(index * 7 + port * 5 + 1) % SIZE] ?? from, { port: 1000 + port }),
    ),
  );
  return baselineOf({ workloads, edges });
}

const OPTIONS = { toolVersion: '0', profile: CILIUM_PROFILE, hash: sha256 };
const large = propose(largeBaseline(), OPTIONS);
const small = proposeFrom(shopBaseline());

const verify = ({ certificate, policies, isolation }: typeof large) =>
  recheck({
    certificate,
    policies: [...policies, ...isolation].map(({ policy }) => ({
      policy,
      file: `${policy.metadata.name}.yaml`,
    })),
    hash: sha256,
  });

const readBack = (certificate: Certificate) => decodeCertificate(JSON.parse(JSON.stringify(certificate)));

describe('a certificate of a large scope', () => {
  test('says how many cells there are, how many of them were put to the judge, and how they were drawn', () => {
    const { cells, cellsJudged, sample, description } = large.certificate.universe;
    expect(cells).toBeGreaterThan(250_000);
    expect(sample?.cells).toBeGreaterThan(19_000);
    expect(cellsJudged).toBeGreaterThanOrEqual((sample?.cells ?? 0) + large.certificate.conversations.length);
    expect(cellsJudged).toBeLessThan(40_000);
    expect(sample?.seed).toMatch(/^[0-9a-f]{16}$/);
    expect(description).toContain('drawn at random');
  });

  test('is the same, byte by byte, for the same input, and draws otherwise for another', () => {
    expect(propose(largeBaseline(), OPTIONS)).toEqual(large);
    const { edges, ...rest } = largeBaseline();
    const fewer = propose({ ...rest, edges: new Map([...edges].slice(1)) }, OPTIONS);
    expect(fewer.certificate.universe.sample?.seed).not.toBe(large.certificate.universe.sample?.seed);
  });

  test('is read back whole, and proven again', () => {
    expect(readBack(large.certificate)).toEqual({ ok: true, value: large.certificate });
    expect(verify(large).findings).toEqual([]);
  });
});

describe('a certificate of a small scope', () => {
  test('has no sample, as those of earlier versions have none: every cell was put to the judge', () => {
    expect(Object.keys(small.certificate.universe)).not.toContain('sample');
    expect(Object.keys(small.certificate.universe)).not.toContain('cells');
    expect(small.certificate.universe.cellsJudged).toBeGreaterThan(500);
    expect(readBack(small.certificate)).toEqual({ ok: true, value: small.certificate });
    expect(verify(small).findings).toEqual([]);
  });
});

test('a hash taken in steps is the hash of the whole', () => {
  for (const { certificate } of [large, small]) {
    expect(runToEnd(hashingContent(certificate, sha256))).toBe(contentHashOf(certificate, sha256));
  }
  const { toolVersion: _version, contentHash, ...said } = small.certificate;
  expect(contentHash).toBe(sha256(canonicalJson(toJson(said))));
});

describe('where the two evaluators differ', () => {
  const policies = small.policies.map(({ policy }) => policy);
  const { namespaces, pods } = small.certificate.world;
  const court: Court = {
    certified: { namespaces, pods, owners: small.certificate.owners },
    policies,
    scope: small.certificate.scope,
    profile: CILIUM_PROFILE,
  };
  const seats = standInsOf(court).map((standIn) => seatOf(standIn, new CutBook()));
  const named = (place: string) => seats.find(({ client }) => client.text.startsWith(place));
  const [web, db] = [named('shop/web'), named('shop/db')];
  const ports = { protocol: 'TCP', from: 5432, to: 5432 } as const;

  test('no certificate is made, and the cell is named', () => {
    if (web === undefined || db === undefined) throw new Error('the shop has changed');
    const question = { from: web.client, to: db.server, ports };
    const judge = new CellJudge(court);
    expect(judge.judge({ ...question, expected: 'denied' })).toBeUndefined();
    const wrong = () => judge.judge({ ...question, expected: 'admitted' });
    expect(wrong).toThrow(EvaluatorsDisagree);
    expect(wrong).toThrow(/shop\/web\[Deployment\] => shop\/db\[StatefulSet\] : TCP 5432/);
  });
});

describe('lots', () => {
  test('fall the same for the same seed, and reach everything', () => {
    const drawn = (seed: string) => {
      const lots = new Lots(seed);
      return Array.from({ length: 200 }, () => lots.below(7));
    };
    expect(drawn('00ff')).toEqual(drawn('00ff'));
    expect(drawn('00ff')).not.toEqual(drawn('00fe'));
    expect(new Set(drawn('a1')).size).toBe(7);
    expect(new Lots('a1').oneOf([])).toBeUndefined();
  });

  test('are spread evenly over the parts, none left out', () => {
    const shares = Array.from({ length: 7 }, (_, index) => shareAt(20, index, 7));
    expect(shares.reduce((sum, share) => sum + share, 0)).toBe(20);
    expect(Math.max(...shares) - Math.min(...shares)).toBe(1);
  });
});
