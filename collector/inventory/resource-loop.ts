import { decodeLive, keyOfLive } from '#core/inventory/decode-live.ts';
import type { InventoryChange } from '#core/inventory/inventory.ts';
import { readLines } from './json-stream.ts';
import type { KubeClient } from './kube-client.ts';
import { failureOfError, failureOfStatus, type KubeFailure } from './kube-failure.ts';
import { requireApi } from './optional-api.ts';
import { pathOf, type Resource } from './resources.ts';
import {
  nextStep,
  startOfWatch,
  type WatchInput,
  type WatchSettings,
  type WatchState,
  type WatchStep,
} from './watch-machine.ts';

/** What a loop needs beside the API server: time and chance, which tests hold in their hands. */
export interface LoopWorld {
  now(): number;
  chance(): number;
  /** Resolves after so many milliseconds, or at once when the signal is aborted. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
}

export interface LoopOptions {
  readonly client: KubeClient;
  readonly resource: Resource;
  /** Of one namespace only; all without it. */
  readonly namespace: string | undefined;
  readonly settings: WatchSettings;
  readonly world: LoopWorld;
  /** Called for each change, in order. */
  readonly onChange: (change: InventoryChange) => void;
  /** Called after each answer. */
  readonly onState: (state: WatchState) => void;
  /** Objects without a valid name: nothing can be done with them but count them. */
  readonly onNameless: () => void;
  readonly signal: AbortSignal;
}

const LIST_TYPES = {
  whole: 'application/json',
  nameOnly: 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json',
} as const;
const WATCH_TYPES = {
  whole: 'application/json',
  nameOnly: 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json',
} as const;

type Json = Readonly<Record<string, unknown>>;

const isRecord = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

const malformed = (detail: string): WatchInput => ({ is: 'failed', failure: { code: 'malformed', detail } });

const versionOf = (object: unknown): string | undefined =>
  isRecord(object) && isRecord(object['metadata'])
    ? textOf(object['metadata']['resourceVersion'])
    : undefined;

/** Beyond what the server was asked for, before a watch that says nothing is given up. */
const WATCH_GRACE_SECONDS = 30;

/** Lists and watches one resource until the signal comes. Never throws, and never stops by itself. */
export class ResourceLoop {
  readonly #options: LoopOptions;
  #state: WatchState;
  /** Keys of the list that is being read. */
  #listed = new Set<string>();

  constructor(options: LoopOptions) {
    this.#options = options;
    this.#state = startOfWatch(options.settings);
  }

  async run(): Promise<void> {
    const { signal } = this.#options;
    let step = this.#advance({ is: 'start' });
    while (!signal.aborted) step = await this.#carryOut(step);
  }

  #advance(input: WatchInput): WatchStep {
    const { world, settings, onState, signal } = this.#options;
    const now = { at: world.now(), chance: world.chance(), settings };
    const { state, step } = nextStep(this.#state, input, now);
    this.#state = state;
    if (!signal.aborted) onState(state); // what fails because it is being stopped is no news
    return step;
  }

  async #carryOut(step: WatchStep): Promise<WatchStep> {
    const { world, signal } = this.#options;
    if (step.do === 'list') return this.#advance(await this.#tried(() => this.#list(step)));
    if (step.do === 'watch') return this.#watch(step);
    if (step.do === 'wait') await world.wait(step.ms, signal);
    return this.#advance({ is: 'woken' });
  }

  async #tried(run: () => Promise<WatchInput>): Promise<WatchInput> {
    try {
      return await run();
    } catch (error) {
      return { is: 'failed', failure: failureOfError(error) };
    }
  }

  async #list({ limit, continueFrom }: Extract<WatchStep, { do: 'list' }>): Promise<WatchInput> {
    const { client, resource, namespace, signal } = this.#options;
    if (continueFrom === undefined) {
      await requireApi(client, resource, signal);
      this.#listed = new Set();
    }
    const query = { limit, continue: continueFrom };
    const accept = LIST_TYPES[resource.isNameOnly ? 'nameOnly' : 'whole'];
    return this.#page(await client.get(pathOf(resource, namespace), { query, accept, signal }));
  }

  #page(page: unknown): WatchInput {
    const { resource, namespace, world, onChange } = this.#options;
    const resourceVersion = versionOf(page);
    const items = isRecord(page) ? (page['items'] ?? []) : undefined;
    if (resourceVersion === undefined || !isRecord(page) || !Array.isArray(items))
      return malformed('a list without items or version');
    for (const item of items) {
      const key = this.#put(item);
      if (key !== undefined) this.#listed.add(key);
    }
    const metadata = isRecord(page['metadata']) ? page['metadata'] : {};
    const next = textOf(metadata['continue']) || undefined;
    if (next === undefined) {
      const { kind } = resource;
      onChange({ do: 'listed', kind, keys: this.#listed, within: namespace, at: world.now() });
      this.#listed = new Set();
    }
    return { is: 'page', resourceVersion, continueFrom: next };
  }

  #put(item: unknown): string | undefined {
    const { resource, world, onChange, onNameless } = this.#options;
    const object = decodeLive(item, resource);
    if (object === undefined) {
      onNameless();
      return undefined;
    }
    onChange({ do: 'put', object, at: world.now() });
    return object.key;
  }

  /** Reads one watch to its end; what comes back is what to do after it. */
  async #watch({ resourceVersion, timeoutSeconds }: Extract<WatchStep, { do: 'watch' }>): Promise<WatchStep> {
    const { client, resource, namespace, signal } = this.#options;
    const patience = AbortSignal.timeout((timeoutSeconds + WATCH_GRACE_SECONDS) * 1000);
    const query = { watch: '1', allowWatchBookmarks: 'true', resourceVersion, timeoutSeconds };
    const accept = WATCH_TYPES[resource.isNameOnly ? 'nameOnly' : 'whole'];
    let end: WatchInput = { is: 'ended' };
    try {
      const answer = await client.open(pathOf(resource, namespace), {
        query,
        accept,
        signal: AbortSignal.any([signal, patience]),
      });
      this.#advance({ is: 'opened' });
      try {
        for await (const event of readLines(answer.body)) {
          const input = this.#event(event);
          if (input.is === 'failed') {
            end = input;
            break;
          }
          this.#advance(input);
        }
      } finally {
        answer.close();
      }
    } catch (error) {
      end = { is: 'failed', failure: patience.aborted ? SILENT : failureOfError(error) };
    }
    return this.#advance(end);
  }

  #event(event: unknown): WatchInput {
    const { resource, world, onChange } = this.#options;
    if (!isRecord(event)) return malformed('an event that is no object');
    const { type, object } = event;
    if (type === 'ERROR') return { is: 'failed', failure: failureOfEvent(object) };
    const resourceVersion = versionOf(object);
    if (resourceVersion === undefined) return malformed('an event without a version');
    if (type === 'ADDED' || type === 'MODIFIED') this.#put(object);
    else if (type === 'DELETED') {
      const key = keyOfLive(object, resource.isNamespaced);
      const last = decodeLive(object, resource);
      if (key !== undefined) onChange({ do: 'gone', kind: resource.kind, key, last, at: world.now() });
    }
    return { is: 'event', resourceVersion };
  }
}

const SILENT: KubeFailure = { code: 'silent', detail: 'the watch was not closed when it should have been' };

/** An ERROR event is a Status whose code speaks as the code of an answer would: 410 for a version that is gone. */
function failureOfEvent(object: unknown): KubeFailure {
  const code = isRecord(object) && typeof object['code'] === 'number' ? object['code'] : 0;
  const reason = isRecord(object) ? textOf(object['reason']) : undefined;
  return failureOfStatus(reason === 'Expired' || reason === 'Gone' ? 410 : code, object);
}
