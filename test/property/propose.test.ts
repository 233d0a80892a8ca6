import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseWorkloadId, type WorkloadId } from '#core/identity/peer.ts';
import { certifiedWorldOf } from '#core/policy/certify/certified-world.ts';
import { extraKey, isCovered } from '#core/policy/certify/extras.ts';
import { edgeJudge } from '#core/policy/certify/judge-edges.ts';
import { recheck } from '#core/policy/certify/recheck.ts';
import { standInsOf } from '#core/policy/certify/stand-ins.ts';
import { propose } from '#core/policy/generate/propose.ts';
import { evaluate } from '#core/policy/literal/evaluate.ts';
import { policyProblems } from '#core/policy/literal/problems.ts';
import { CILIUM_PROFILE } from '#core/policy/literal/profiles.ts';
import type { Proposal } from '#core/policy/proposal.ts';
import type { Endpoint, PolicyProtocol } from '#core/policy/world.ts';
import {
  baselineOf,
  edge,
  type FixtureWorkload,
  sha256,
  workload,
  worldOf,
} from '../support/baseline-fixture.ts';
import { anyEdgePlan, anyEdgePlans, anyWorkloads, edgesOf, PLAIN_WORKLOADS } from './propose-arbitraries.ts';

const RUNS = { numRuns: 150 };

const proposeFor = (workloads: readonly FixtureWorkload[], edges: ReturnType<typeof edgesOf>): Proposal =>
  propose(baselineOf({ workloads, edges }), { toolVersion: '0', profile: CILIUM_PROFILE, hash: sha256 });

const policiesOf = (proposal: Proposal) =>
  [...proposal.policies, ...proposal.isolation].map(({ policy }) => policy);

const namesOf = (id: WorkloadId | undefined): string => {
  if (id === undefined) throw new Error('a pod without an owner');
  const { namespace, name, kind } = parseWorkloadId(id);
  return `${namespace}/${name}[${kind}]`;
};

describe('a proposal', () => {
  test('admits every accepted edge that policies can express, and has no empty list of peers', () => {
    fc.assert(
      fc.property(anyWorkloads, anyEdgePlans, (workloads, plans) => {
        const proposal = proposeFor(workloads, edgesOf(plans, workloads));
        const { conversations } = proposal.certificate;
        expect(conversations.filter((each) => each.reason === 'denied-by-evaluator')).toEqual([]);
        expect(conversations.filter((each) => each.reason === undefined && !each.admitted)).toEqual([]);
        for (const policy of policiesOf(proposal)) {
          expect(policyProblems(policy)).toEqual([]);
          const { ingress, egress } = policy.spec;
          const peers = [...(ingress ?? []).map(({ from }) => from), ...(egress ?? []).map(({ to }) => to)];
          expect(peers.every((each) => each !== null && each !== undefined && each.length > 0)).toBe(true);
        }
      }),
      RUNS,
    );
  });

  test('admits nothing beyond what was seen and what it declares', () => {
    fc.assert(
      fc.property(anyWorkloads, anyEdgePlans, (workloads, plans) => {
        const { certificate, policies } = proposeFor(workloads, edgesOf(plans, workloads));
        expect(certificate.extras.filter((each) => each.kind === 'surprise')).toEqual([]);
        const isExact = policies.every(({ warnings }) =>
          warnings.every((each) => each.code !== 'selector-collision'),
        );
        const asksDns = certificate.conversations.some((each) => each.port === 53);
        if (isExact && !asksDns)
          expect(certificate.extras.filter(({ kind }) => kind !== 'collision')).toEqual([]);
      }),
      RUNS,
    );
  });

  test('is the same, byte for byte, in whatever order the edges and pods were met', () => {
    fc.assert(
      fc.property(anyWorkloads, anyEdgePlans, (workloads, plans) => {
        const edges = edgesOf(plans, workloads);
        const other = proposeFor([...workloads].reverse(), [...edges].reverse());
        expect(JSON.stringify(other)).toBe(JSON.stringify(proposeFor(workloads, edges)));
      }),
      RUNS,
    );
  });

  test('changes only policies whose subject or peer a workload is when that workload talks more', () => {
    fc.assert(
      fc.property(
        anyEdgePlans,
        fc.array(anyEdgePlan, { minLength: 1, maxLength: 5 }),
        fc.nat(5),
        (plans, more, who) => {
          const before = edgesOf(plans, PLAIN_WORKLOADS);
          const added = edgesOf(
            more.map((plan) => ({ ...plan, from: who })),
            PLAIN_WORKLOADS,
          ).filter((each) => each.from.kind === 'workload');
          const known = new Set(before.map((each) => each.key));
          const after = [...before, ...added.filter((each) => !known.has(each.key))];
          const touched = new Set(
            added
              .flatMap((each) => [each.from, each.to])
              .map((peer) => (peer.kind === 'workload' ? peer.id : '')),
          );
          const policies = (proposal: Proposal) =>
            new Map(proposal.policies.map((each) => [each.workload, JSON.stringify(each.policy)]));
          const [old, now] = [
            policies(proposeFor(PLAIN_WORKLOADS, before)),
            policies(proposeFor(PLAIN_WORKLOADS, after)),
          ];
          for (const { id } of PLAIN_WORKLOADS) if (!touched.has(id)) expect(now.get(id)).toBe(old.get(id));
        },
      ),
      RUNS,
    );
  });

  test('does not change its other policies when a workload that nobody met before appears', () => {
    fc.assert(
      fc.property(anyEdgePlans, (plans) => {
        const edges = edgesOf(plans, PLAIN_WORKLOADS);
        const [first] = PLAIN_WORKLOADS;
        const newcomer = workload('shop/newcomer');
        if (first === undefined) throw new Error('no workloads');
        const before = proposeFor(PLAIN_WORKLOADS, edges);
        const after = proposeFor(
          [...PLAIN_WORKLOADS, newcomer],
          [...edges, edge(newcomer, first, { port: 9999 })],
        );
        const others = (proposal: Proposal) =>
          proposal.policies
            .filter((each) => ![newcomer.id, first.id].includes(each.workload))
            .map((each) => each.policy);
        expect(others(after)).toEqual(others(before));
      }),
      RUNS,
    );
  });

  test('does not admit a pod of another namespace that wears the labels of ours', () => {
    fc.assert(
      fc.property(anyEdgePlans, (plans) => {
        const proposal = proposeFor(PLAIN_WORKLOADS, edgesOf(plans, PLAIN_WORKLOADS));
        const { world } = proposal.certificate;
        for (const pod of world.pods) {
          const impostor: Endpoint = { kind: 'pod', pod: { ...pod, namespace: 'evil' } };
          for (const to of world.pods) {
            for (const port of [53, 80, 443, 5432, 8080]) {
              const connection = {
                from: impostor,
                to: { kind: 'pod', pod: to } as const,
                protocol: 'TCP' as const,
                port,
              };
              expect(evaluate(world, connection, CILIUM_PROFILE).allowed).toBe(false);
            }
          }
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe('a certificate', () => {
  const PORTS = [1, 52, 53, 54, 80, 81, 443, 5432, 8080, 8081, 65_535];
  const PROTOCOLS: readonly PolicyProtocol[] = ['TCP', 'UDP', 'SCTP'];

  /** Every cell between pods that the judge admits in the whole world, as `from => to : TCP 80`. */
  function* admittedCells({ world, owners }: Proposal['certificate']) {
    const ends = world.pods.map((pod, index) => ({ pod, text: namesOf(owners[index]?.workload) }));
    const pairs = ends.flatMap((from) => ends.filter((to) => to !== from).map((to) => ({ from, to })));
    for (const { from, to } of pairs) {
      for (const [protocol, port] of PROTOCOLS.flatMap((each) =>
        PORTS.map((port) => [each, port] as const),
      )) {
        const connection = {
          from: { kind: 'pod', pod: from.pod },
          to: { kind: 'pod', pod: to.pod },
        } as const;
        const { allowed } = evaluate(world, { ...connection, protocol, port }, CILIUM_PROFILE);
        if (allowed) yield { from: from.text, to: to.text, protocol, port };
      }
    }
  }

  test('says of each pair of pods and port what the judge says of the whole world at once', () => {
    fc.assert(
      fc.property(anyWorkloads, anyEdgePlans, (workloads, plans) => {
        const { certificate } = proposeFor(workloads, edgesOf(plans, workloads));
        const { extras, conversations } = certificate;
        const seen = new Set(conversations.filter((each) => each.accepted).map((each) => each.line));
        const unlisted = [...admittedCells(certificate)].filter(({ from, to, protocol, port }) => {
          const key = extraKey({ from, to, ports: { protocol } });
          const listed = extras.filter((each) => extraKey(each) === key).map(({ ports }) => ports);
          const isListed = isCovered({ protocol, from: port, to: port }, listed);
          return !isListed && !seen.has(`${from} => ${to} : ${protocol} ${port}`);
        });
        expect(unlisted).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });

  test('holds when it is checked again, and fails when a rule is taken away', () => {
    fc.assert(
      fc.property(anyEdgePlans, fc.nat(), (plans, which) => {
        const proposal = proposeFor(PLAIN_WORKLOADS, edgesOf(plans, PLAIN_WORKLOADS));
        const policies = policiesOf(proposal).map((policy, index) => ({ policy, file: String(index) }));
        const { certificate } = proposal;
        expect(recheck({ certificate, policies, hash: sha256 }).findings).toEqual([]);
        fc.pre(proposal.policies.length > 0);
        const victim = which % proposal.policies.length;
        const cut = policies.map((each, index) =>
          index === victim
            ? {
                ...each,
                policy: {
                  ...each.policy,
                  spec: {
                    podSelector: each.policy.spec.podSelector,
                    policyTypes: ['Ingress', 'Egress'] as const,
                  },
                },
              }
            : each,
        );
        const codes = recheck({ certificate, policies: cut, hash: sha256 }).findings.map((each) => each.code);
        expect(codes).toContain('policy-edited');
        expect(codes).toContain('conversation-denied');
      }),
      { numRuns: 60 },
    );
  });

  test('counts an edge as admitted only when every pod of both ends may make the connection', () => {
    const canary = workload('shop/web', { labels: [{ app: 'web' }, { app: 'web', track: 'canary' }] });
    const db = workload('shop/db');
    const certified = certifiedWorldOf(worldOf([canary, db]), CILIUM_PROFILE);
    const policies = [
      {
        metadata: { name: 'db', namespace: 'shop' },
        spec: {
          podSelector: { matchLabels: { app: 'db' } },
          ingress: [{ from: [{ podSelector: { matchLabels: { track: 'canary' } } }] }],
        },
      },
    ];
    const scope = { cluster: 'default', namespaces: [], workloads: [] };
    const court = { certified, policies, scope, profile: CILIUM_PROFILE };
    const ends = { from: canary.peer, to: db.peer, protocol: 'TCP', port: 5432, addresses: [] };
    expect(edgeJudge(court, standInsOf(court))(ends)).toBe(false);
  });
});
