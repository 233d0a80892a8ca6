import type { InventoryChange } from '#core/inventory/inventory.ts';
import type { KubeClient } from './kube-client.ts';
import { describeKubeFailure, type KubeFailure } from './kube-failure.ts';
import { type LoopWorld, ResourceLoop } from './resource-loop.ts';
import { RESOURCES, type Resource, resourceName } from './resources.ts';
import { type Standing, WATCH_DEFAULTS, type WatchSettings, type WatchState } from './watch-machine.ts';

/** How things stand with one resource; `namespace` is set where only one namespace is watched. */
export interface ResourceHealth {
  /** As `kubectl` names it, e.g. `networkpolicies.networking.k8s.io`. */
  readonly name: string;
  readonly namespace: string | undefined;
  readonly standing: Standing;
  /** One sentence where something is not as it should be: what is wrong, and what it costs. */
  readonly problem: string | undefined;
  /** The same where it is the server's, and not this resource's alone. */
  readonly serverProblem: string | undefined;
}

export interface LiveInventoryOptions {
  readonly client: KubeClient;
  /** Watch these namespaces only, with rights in these alone; empty means the whole cluster. */
  readonly namespaces?: readonly string[];
  readonly settings?: WatchSettings;
  readonly world?: LoopWorld;
  readonly resources?: readonly Resource[];
  readonly onChange: (change: InventoryChange) => void;
  /** Called when a resource's standing or problem is another one. */
  readonly onHealth?: (health: ResourceHealth) => void;
}

/** A running watch over a cluster. */
export interface LiveInventory {
  health(): readonly ResourceHealth[];
  /** Objects that were left out because they had no valid name. */
  nameless(): number;
  /** Resolves once every resource was listed, or is known not to be there for us. */
  readonly ready: Promise<void>;
  /** Ends every watch, and resolves when all are ended. */
  stop(): Promise<void>;
}

function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}

const REAL_WORLD: LoopWorld = { now: () => Date.now(), chance: () => Math.random(), wait };

const SETTLED: ReadonlySet<Standing> = new Set(['live', 'polled', 'forbidden', 'absent', 'stale']);

/** Failures that speak about one resource; the others speak about the server or the way to it. */
const OWN: ReadonlySet<KubeFailure['code']> = new Set(['forbidden', 'absent', 'expired', 'too-large']);

const RIGHTS = 'grant get, list and watch on it to know better';

/** What is wrong with a resource and what that costs, in one sentence. */
function problemOf(
  { standing, problem }: WatchState,
  { cost, isOptional }: Resource,
  place: { readonly name: string; readonly server: string },
): string | undefined {
  const { name } = place;
  if (standing === 'absent') return isOptional ? undefined : `${name}: this API server has none, so ${cost}.`;
  if (standing === 'forbidden') return `${name}: not allowed, so ${cost}; ${RIGHTS}.`;
  if (standing === 'polled')
    return `${name}: may be listed but not watched, so changes are seen a minute or two late; grant watch on it.`;
  if (problem === undefined) return undefined;
  return `${name}: ${trouble(standing)} (${describeKubeFailure(problem, place.server)})`;
}

const trouble = (standing: Standing): string =>
  standing === 'stale' ? 'what changed lately is not known' : 'not read yet';

/** Starts to list and watch a cluster. Problems are told, never thrown: it goes on with whatever it may read. */
export function startLiveInventory(options: LiveInventoryOptions): LiveInventory {
  const { client, namespaces = [], onChange, onHealth = () => undefined } = options;
  const { settings = WATCH_DEFAULTS, world = REAL_WORLD, resources = RESOURCES } = options;
  const stop = new AbortController();
  const health = new Map<string, ResourceHealth>();
  let nameless = 0;
  let settled: () => void = () => undefined;
  const ready = new Promise<void>((resolve) => {
    settled = resolve;
  });

  const note = (resource: Resource, namespace: string | undefined, state: WatchState): void => {
    const name = resourceName(resource);
    const key = `${name} ${namespace ?? ''}`;
    const before = health.get(key);
    const at = namespace === undefined ? name : `${name} in ${namespace}`;
    const problem = problemOf(state, resource, { name: at, server: client.server });
    if (before?.standing === state.standing && before.problem === problem) return;
    const isOwn = state.problem === undefined || OWN.has(state.problem.code);
    const serverProblem =
      state.problem === undefined || isOwn ? undefined : describeKubeFailure(state.problem, client.server);
    const now = { name, namespace, standing: state.standing, problem, serverProblem };
    health.set(key, now);
    onHealth(now);
    if ([...health.values()].every(({ standing }) => SETTLED.has(standing))) settled();
  };

  const loops = resources
    .filter(({ use }) => use === 'always')
    .flatMap((resource) => {
      const within = resource.isNamespaced && namespaces.length > 0 ? namespaces : [undefined];
      return within.map((namespace) => ({ resource, namespace }));
    });
  for (const { resource, namespace } of loops) {
    const name = resourceName(resource);
    health.set(`${name} ${namespace ?? ''}`, {
      name,
      namespace,
      standing: 'starting',
      problem: undefined,
      serverProblem: undefined,
    });
  }
  const running = loops.map(({ resource, namespace }) =>
    new ResourceLoop({
      client,
      resource,
      namespace,
      settings,
      world,
      onChange,
      onState: (state) => note(resource, namespace, state),
      onNameless: () => {
        nameless += 1;
      },
      signal: stop.signal,
    }).run(),
  );

  return {
    health: () => [...health.values()],
    nameless: () => nameless,
    ready,
    async stop() {
      stop.abort();
      await Promise.all(running);
    },
  };
}
