import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createEngine, type FastEngine, type PortPoint } from '#core/policy/fast/fast-engine.ts';
import { evaluate } from '#core/policy/literal/evaluate.ts';
import { KUBERNETES_PROFILE } from '#core/policy/literal/profiles.ts';
import type { Connection, Endpoint, World, WorldPod } from '#core/policy/world.ts';
import { medianCpuMs } from './measure.ts';
import { edited, FIRST_PORT, numbers, policyWorld, type WorldSize } from './policy-world.ts';
import { fixed, grouped, megabytes, renderTable } from './table.ts';

const SIZE: WorldSize = { workloads: 2000, replicas: 1, policies: 500, ports: 20 };
const LARGE: WorldSize = { workloads: 2000, replicas: 5, policies: 1000, ports: 20 };
const SAMPLES = 20_000;
const ROUNDS = 5;
/** Changes of one policy in one measured piece of work. */
const EDITS = 20;

/** What the issue asks for. */
export const FULL_RATIO_GOAL = 1000;
export const EDIT_RATIO_GOAL = 20;

/** Times are CPU milliseconds of the process. */
export interface PolicyMatrixResult {
  readonly cells: number;
  readonly admitted: number;
  /** Sampled cells on which the two evaluators differ. */
  readonly mismatches: number;
  readonly samples: number;
  readonly buildMs: number;
  readonly matrixMs: number;
  readonly literalMs: number;
  readonly fullRatio: number;
  /** One change, with the matrix brought up to date. */
  readonly editMs: number;
  readonly podMs: number;
  readonly namespaceMs: number;
  readonly editRatio: number;
  readonly large: SizedResult & { readonly engineBytes: number; readonly matrixBytes: number };
  readonly growth: readonly SizedResult[];
}

export interface SizedResult {
  readonly size: WorldSize;
  readonly classes: number;
  readonly buildMs: number;
  readonly matrixMs: number;
}

const pointsOf = ({ ports }: WorldSize): readonly PortPoint[] =>
  Array.from({ length: ports }, (_, index) => ({ protocol: 'TCP', port: FIRST_PORT + index }));

const engineOf = (world: World): FastEngine => createEngine(world, KUBERNETES_PROFILE);

interface Sample {
  readonly connection: Connection;
  /** Index of the port. */
  readonly port: number;
}

/** Random cells; the same every time. */
function samplesOf({ pods }: World, points: readonly PortPoint[]): readonly Sample[] {
  const below = numbers(11);
  const ends = pods.map((pod): Endpoint => ({ kind: 'pod', pod }));
  return Array.from({ length: SAMPLES }, () => {
    const port = below(points.length);
    const [from, to, point] = [ends[below(ends.length)], ends[below(ends.length)], points[port]];
    if (from === undefined || to === undefined || point === undefined) throw new Error('an empty world');
    return { connection: { from, to, ...point }, port };
  });
}

function mismatchesIn(world: World, samples: readonly Sample[], points: readonly PortPoint[]): number {
  const engine = engineOf(world);
  const matrix = engine.matrix(points);
  const id = (end: Endpoint): number => engine.classOf(end) ?? -1;
  return samples.filter(({ connection, port }) => {
    const { allowed, reason } = evaluate(world, connection, KUBERNETES_PROFILE);
    return reason === 'policy' && allowed !== matrix.isAdmitted(port, id(connection.from), id(connection.to));
  }).length;
}

/** Changes that are made one after the other, with a matrix that goes along. */
function changes(
  world: World,
  points: readonly PortPoint[],
): ReadonlyMap<'policy' | 'pod' | 'namespace', () => void> {
  const below = numbers(13);
  let engine = engineOf(world);
  const matrix = engine.matrix(points);
  const many = (change: (engine: FastEngine) => FastEngine) => () => {
    for (let index = 0; index < EDITS; index += 1) {
      engine = change(engine);
      matrix.follow(engine);
    }
  };
  return new Map([
    ['policy', many((now) => now.withPolicy(edited(world, below)))],
    ['pod', many((now) => now.withPod(relabelled(world, below)))],
    [
      'namespace',
      many((now) => {
        const name = `team-${below(20)}`;
        const labels = [['kubernetes.io/metadata.name', below(2) === 0 ? name : 'elsewhere']] as const;
        return now.withNamespace({ name, labels });
      }),
    ],
  ]);
}

/** A pod of the world with the labels of another workload. */
function relabelled({ pods }: World, below: (limit: number) => number): WorldPod {
  const [pod, other] = [pods[below(pods.length)], pods[below(pods.length)]];
  if (pod === undefined || other === undefined) throw new Error('an empty world');
  return { ...pod, labels: other.labels };
}

async function measureSize(size: WorldSize): Promise<SizedResult> {
  const world = policyWorld(size);
  const points = pointsOf(size);
  let engine = engineOf(world);
  const times = await medianCpuMs(
    new Map<string, () => unknown>([
      ['build', () => (engine = engineOf(world))],
      ['matrix', () => engine.matrix(points)],
    ]),
    ROUNDS,
  );
  const classes = engine.classes().filter((each) => each?.kind === 'pods').length;
  return { size, classes, buildMs: times.get('build') ?? 0, matrixMs: times.get('matrix') ?? 0 };
}

/** Bytes that what `make` returns keeps alive. */
function bytesOf<Made>(make: () => Made): { readonly made: Made; readonly bytes: number } {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const held = (): number => {
    collectGarbage();
    collectGarbage();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
  const before = held();
  const made = make();
  return { made, bytes: held() - before };
}

async function measureLarge(): Promise<PolicyMatrixResult['large']> {
  const sized = await measureSize(LARGE);
  const world = policyWorld(LARGE);
  const engine = bytesOf(() => engineOf(world));
  const matrix = bytesOf(() => engine.made.matrix(pointsOf(LARGE)));
  return { ...sized, engineBytes: engine.bytes, matrixBytes: matrix.bytes };
}

const GROWTH: readonly WorldSize[] = [
  ...[500, 1000, 2000, 4000].map((workloads) => ({ ...SIZE, workloads })),
  ...[1000, 2000].map((policies) => ({ ...SIZE, policies })),
];

/** The fast engine beside the literal evaluator, changes beside building anew, and how both grow. */
export async function measurePolicyMatrix(): Promise<PolicyMatrixResult> {
  const world = policyWorld(SIZE);
  const points = pointsOf(SIZE);
  const samples = samplesOf(world, points);
  let engine = engineOf(world);
  let matrix = engine.matrix(points);
  const works = new Map<string, () => unknown>([
    ['build', () => (engine = engineOf(world))],
    ['matrix', () => (matrix = engine.matrix(points))],
    [
      'literal',
      () => {
        for (const { connection } of samples) evaluate(world, connection, KUBERNETES_PROFILE);
      },
    ],
    ...changes(world, points),
  ]);
  const times = await medianCpuMs(works, ROUNDS);
  const ms = (name: string): number => times.get(name) ?? Number.NaN;
  const cells = SIZE.workloads ** 2 * SIZE.ports;
  const fullMs = ms('build') + ms('matrix');
  const literalMs = (ms('literal') / SAMPLES) * cells;
  const editMs = ms('policy') / EDITS;
  const growth: SizedResult[] = [];
  for (const size of GROWTH) growth.push(await measureSize(size));
  return {
    cells,
    admitted: matrix.count(),
    mismatches: mismatchesIn(world, samples, points),
    samples: SAMPLES,
    buildMs: ms('build'),
    matrixMs: ms('matrix'),
    literalMs,
    fullRatio: literalMs / fullMs,
    editMs,
    podMs: ms('pod') / EDITS,
    namespaceMs: ms('namespace') / EDITS,
    editRatio: fullMs / editMs,
    large: await measureLarge(),
    growth,
  };
}

const against = (ratio: number, goal: number): string =>
  `${grouped(ratio)} times (${ratio >= goal ? 'reaches' : 'MISSES'} the goal of ${grouped(goal)})`;

const sizedRow = ({ size, classes, buildMs, matrixMs }: SizedResult): readonly string[] => [
  `${grouped(size.workloads * size.replicas)} pods, ${grouped(size.policies)} policies`,
  grouped(classes),
  fixed(buildMs, 0),
  fixed(matrixMs, 0),
  fixed(buildMs + matrixMs, 0),
];

export function renderPolicyMatrix(result: PolicyMatrixResult): string {
  const { large } = result;
  const fullMs = result.buildMs + result.matrixMs;
  const rows = [
    ['literal evaluator, extrapolated', fixed(result.literalMs, 0)],
    ['fast engine, all of it', fixed(fullMs, 1)],
    ['  building', fixed(result.buildMs, 1)],
    ['  matrix', fixed(result.matrixMs, 1)],
    ['one policy edited', fixed(result.editMs, 2)],
    ['one pod relabelled', fixed(result.podMs, 2)],
    ['one namespace relabelled', fixed(result.namespaceMs, 2)],
  ];
  return (
    `All pairs: ${grouped(SIZE.workloads)} workloads × ${SIZE.policies} policies × ${SIZE.ports} ports, ` +
    `${grouped(result.cells)} cells, ${grouped(result.admitted)} admitted\n` +
    renderTable(['', 'CPU-ms'], rows) +
    `  full matrix faster than the literal evaluator ${against(result.fullRatio, FULL_RATIO_GOAL)}\n` +
    `  one policy edited faster than building anew ${against(result.editRatio, EDIT_RATIO_GOAL)}\n` +
    `  ${result.mismatches} of ${grouped(result.samples)} sampled cells differ\n` +
    `\nGrowth, each with ${SIZE.ports} ports\n` +
    renderTable(['', 'classes', 'building', 'matrix', 'CPU-ms'], [...result.growth, large].map(sizedRow)) +
    `  ${grouped(LARGE.workloads * LARGE.replicas)} pods and ${grouped(LARGE.policies)} policies: ` +
    `engine ${megabytes(large.engineBytes)}, its matrix ${megabytes(large.matrixBytes)}\n`
  );
}
