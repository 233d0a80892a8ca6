import { expect, test } from 'vitest';
import type { SeenPod, SeenWorld } from '#core/identity/seen-pod.ts';
import { propose } from '#core/policy/generate/propose.ts';
import { CILIUM_PROFILE } from '#core/policy/literal/profiles.ts';
import { judgeProposal } from '../../../server/app/proposal-judge.ts';
import { baselineOf, edge, type FixtureWorkload, workload, worldOf } from '../../support/baseline-fixture.ts';
import { hash } from './running-workspace.ts';

const [web, cart, db] = [workload('shop/web'), workload('shop/cart'), workload('data/db')];
const elsewhere = {
  web: workload('shop/web', { cluster: 'other' }),
  cart: workload('shop/cart', { cluster: 'other' }),
};

const proposal = propose(baselineOf({ workloads: [web, cart, db], edges: [edge(web, cart)] }), {
  toolVersion: 'test',
  profile: CILIUM_PROFILE,
  hash,
});

const asked = (from: FixtureWorkload, to: FixtureWorkload) =>
  ({ from: from.peer, to: to.peer, protocol: 'TCP', port: 8080 }) as const;

const everybody = worldOf([web, cart, db, elsewhere.web, elsewhere.cart]);

test('a pod of another cluster is governed by no proposal of this one, even under the same names and labels', () => {
  const judge = judgeProposal(proposal, everybody);
  expect(judge(asked(web, cart))).toBe('would-admit');
  expect(judge(asked(db, cart))).toBe('would-block');
  // Its own side is open; the pod of this cluster still decides for itself.
  expect(judge(asked(web, elsewhere.cart))).toBe('would-admit');
  expect(judge(asked(elsewhere.cart, db))).toBe('would-block');
  expect(judge(asked(elsewhere.web, elsewhere.cart))).toBe('not-covered');
});

test('a connection from a pod of another cluster is not held back there', () => {
  // The cart may be reached by what looks like web; web elsewhere has no policy that could keep it in.
  const closed = propose(baselineOf({ workloads: [web, cart, db], edges: [edge(db, cart)] }), {
    toolVersion: 'test',
    profile: CILIUM_PROFILE,
    hash,
  });
  const there = workload('data/db', { cluster: 'other' });
  const judge = judgeProposal(closed, worldOf([web, cart, db, there, elsewhere.web]));
  expect(judge(asked(there, cart))).toBe('would-admit');
  expect(judge(asked(elsewhere.web, cart))).toBe('would-block');
});

test('a sighting of a pod without its labels does not make it a pod that nothing governs', () => {
  const blank = web.pods.map((pod): SeenPod => ({ ...pod, labels: new Map() }));
  const seen: SeenWorld = { ...everybody, pods: [...blank, ...everybody.pods] };
  const rare = { kind: 'cidr', cidr: '198.51.100.66/32' } as const;
  const judge = judgeProposal(proposal, seen);
  expect(judge({ from: web.peer, to: rare, protocol: 'TCP', port: 4444 })).toBe('would-block');
});
