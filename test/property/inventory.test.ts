import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Flow } from '#core/flow/flow.ts';
import { describeEdge } from '#core/graph/edge.ts';
import { GraphBuilder } from '#core/graph/graph-builder.ts';
import { AddressBook } from '#core/inventory/address-book.ts';
import { Inventory, type InventoryChange } from '#core/inventory/inventory.ts';
import { createPipeline, PIPELINE_DEFAULTS } from '../../collector/pipeline.ts';
import { flow, pod, START, SYN, world } from '../support/flows.ts';
import { pod as livePod } from '../support/inventory-objects.ts';

/** Seconds after the start: the API server knows no finer times. */
const at = (seconds: number): number => START + seconds * 1000;

interface Tenure {
  readonly name: string;
  readonly workload: string;
  readonly ip: string;
  readonly from: number;
  readonly until: number | undefined;
}

const WORKLOADS = ['cart', 'pay', 'search'] as const;
const IPS = ['10.0.0.1', '10.0.0.2', '10.0.0.3'] as const;
/** As the API server makes them up. */
const SUFFIXES = [
  'x2k8p',
  'b4c5d',
  'f6g7h',
  'j8k9l',
  'm2n4p',
  'q5r6s',
  't7v8w',
  'z9x2c',
  'd4f5g',
  'h6j7k',
  'l8z9x',
  'c2v4b',
];

const anyLives = fc.array(
  fc.record({
    workload: fc.constantFrom(...WORKLOADS),
    gap: fc.nat({ max: 20 }),
    life: fc.integer({ min: 1, max: 40 }),
  }),
  { maxLength: 4 },
);

/** Pods that had these addresses one after the other, some with a gap between them; the last may live on. */
const anyTenures: fc.Arbitrary<readonly Tenure[]> = fc
  .record({ lives: fc.tuple(anyLives, anyLives, anyLives), livesOn: fc.boolean() })
  .map(({ lives, livesOn }) => {
    let named = 0;
    return lives.flatMap((ofAddress, index) => {
      let clock = 0;
      return ofAddress.map(({ workload, gap, life }, place): Tenure => {
        const from = clock + gap;
        clock = from + life;
        const name = `${workload}-7d4b9c6f5d-${SUFFIXES[named] ?? 'k2l4m'}`;
        named += 1;
        const isLast = place === ofAddress.length - 1 && livesOn;
        return {
          name,
          workload,
          ip: IPS[index] ?? '',
          from: at(from),
          until: isLast ? undefined : at(clock),
        };
      });
    });
  });

/** What the watch tells: each pod once it is there, and its end when that comes. */
function changesOf({ name, workload, ip, from, until }: Tenure): readonly InventoryChange[] {
  const owner = { kind: 'ReplicaSet', name: `${workload}-7d4b9c6f5d` };
  const object = livePod({ name, ip, from, owner, labels: { app: workload } });
  const came: InventoryChange = { do: 'put', object, at: from };
  const key = `shop/${name}`;
  return until === undefined ? [came] : [came, { do: 'gone', kind: 'Pod', key, at: until }];
}

const CLIENT = 'shop/client-7d4b9c6f5d-w2x4z';

/** A connection of its own to an address that the data path calls world. */
const call = (ip: string, seconds: number, port: number): Flow =>
  flow(pod(CLIENT, '10.0.9.9', port), world(ip, 8080), {
    at: at(seconds),
    tcpFlags: SYN,
    isNew: true,
    direction: 'egress',
  });

const anyCalls = fc
  .array(fc.tuple(fc.constantFrom(...IPS), fc.nat({ max: 200 })), { maxLength: 25, size: 'max' })
  .map((calls) => calls.map(([ip, seconds], index) => call(ip, seconds, 40_000 + index)));

type Step = { readonly change: InventoryChange } | { readonly flow: Flow } | { readonly flush: true };

/** How many connections each edge stands for, after everything has been taken in. */
function counted(steps: readonly Step[]): ReadonlyMap<string, number> {
  const builder = new GraphBuilder();
  const inventory = new Inventory();
  const options = { ...PIPELINE_DEFAULTS, inventory: { cluster: undefined } };
  const pipeline = createPipeline((window) => builder.apply(window), options);
  for (const step of steps) {
    if ('change' in step) pipeline.learn(inventory.apply(step.change));
    else if ('flow' in step) pipeline.add(step.flow);
    else pipeline.flush();
  }
  pipeline.flush();
  const edges = [...builder.snapshot().edges.values()];
  return new Map(edges.map((edge) => [describeEdge(edge), edge.conversations.total]));
}

/** Shuffles, but leaves the end of a pod behind its beginning. */
function interleaved(steps: readonly Step[], order: readonly number[]): readonly Step[] {
  const slots = steps
    .map((step, index) => ({ step, place: order[index] ?? 0 }))
    .sort((a, b) => a.place - b.place);
  const seen = new Set<string>();
  const late: Step[] = [];
  const early: Step[] = [];
  for (const { step } of slots) {
    if (!('change' in step) || step.change.do !== 'gone') {
      early.push(step);
      if ('change' in step && step.change.do === 'put') seen.add(step.change.object.key);
    } else if (seen.has(step.change.key)) early.push(step);
    else late.push(step);
  }
  return [...early, ...late];
}

test('no connection is counted for a pod outside the time in which it had the address, and each within it is', () => {
  fc.assert(
    fc.property(anyTenures, anyCalls, (tenures, calls) => {
      const steps = [
        ...tenures.flatMap(changesOf).map((change) => ({ change })),
        ...calls.map((each) => ({ flow: each })),
      ];
      const wanted = new Map<string, number>();
      for (const { destination, at: when } of calls) {
        const had = ({ ip, from, until }: Tenure): boolean =>
          ip === destination.ip && from <= when && (until === undefined || when < until);
        const owner = tenures.find(had);
        const to = owner === undefined ? `${destination.ip}/32` : `shop/${owner.workload}[Deployment]`;
        const line = `shop/client[Deployment] => ${to} : TCP 8080`;
        wanted.set(line, (wanted.get(line) ?? 0) + 1);
      }
      expect(new Map([...counted(steps)].sort())).toEqual(new Map([...wanted].sort()));
    }),
    { numRuns: 200 },
  );
});

test('the order of what the watch tells and of flows changes nothing once all is there', () => {
  const anyOrder = fc.array(fc.nat(), { minLength: 80, maxLength: 80, size: 'max' });
  fc.assert(
    fc.property(anyTenures, anyCalls, anyOrder, fc.nat({ max: 5 }), (tenures, calls, order, flushes) => {
      const told: Step[] = tenures.flatMap(changesOf).map((change) => ({ change }));
      const seen: Step[] = calls.map((each) => ({ flow: each }));
      const pauses: Step[] = Array.from({ length: flushes }, () => ({ flush: true }));
      const inOrder = counted([...told, ...seen]);
      const mixed = counted(interleaved([...pauses, ...told, ...seen], order));
      expect(new Map([...mixed].sort())).toEqual(new Map([...inOrder].sort()));
    }),
    { numRuns: 300 },
  );
});

test('the order of claims of different pods changes no answer of the address book', () => {
  fc.assert(
    fc.property(
      anyTenures,
      fc.array(fc.nat(), { minLength: 20, maxLength: 20, size: 'max' }),
      (tenures, order) => {
        const claims = tenures.map(({ name, ip, from, until }) => ({
          uid: name,
          pod: `shop/${name}`,
          ips: [ip],
          from,
          isExact: true,
          until,
          at: from,
        }));
        const [inOrder, shuffled] = [new AddressBook(), new AddressBook()];
        for (const claim of claims) inOrder.claim(claim);
        const mixed = claims.map((claim, index) => ({ claim, place: order[index] ?? 0 }));
        for (const { claim } of mixed.sort((a, b) => a.place - b.place)) shuffled.claim(claim);
        for (const ip of IPS) {
          for (let seconds = 0; seconds <= 200; seconds += 1)
            expect(shuffled.ownerAt(ip, at(seconds))).toBe(inOrder.ownerAt(ip, at(seconds)));
        }
      },
    ),
    { numRuns: 100 },
  );
});
