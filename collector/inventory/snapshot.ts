import { decodeLive } from '#core/inventory/decode-live.ts';
import { Inventory } from '#core/inventory/inventory.ts';
import type { ClusterModel } from '#core/policy/cluster/cluster-model.ts';
import type { KubeClient } from './kube-client.ts';
import { failureOfError, KubeError, type KubeFailure } from './kube-failure.ts';
import { requireApi } from './optional-api.ts';
import { pathOf, RESOURCES, type Resource, resourceName } from './resources.ts';

/** A cluster as it was when it was asked. */
export interface ClusterSnapshot {
  readonly model: ClusterModel;
  /** One sentence for each kind that could not be read: what it costs. */
  readonly problems: readonly string[];
}

export interface SnapshotOptions {
  /** Only these, with rights in these alone; empty means the whole cluster. */
  readonly namespaces?: readonly string[];
  readonly onProgress?: (objects: number) => void;
  /** Read these kinds only. */
  readonly kinds?: ReadonlySet<string>;
}

const LIMIT = 500;
/** A list that goes on for longer is no list: at 500 a page, five million objects. */
const MAX_PAGES = 10_000;

type Json = Readonly<Record<string, unknown>>;
const isRecord = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

interface Page {
  readonly items: readonly unknown[];
  readonly next: string | undefined;
}

function pageOf(body: unknown): Page {
  const items = isRecord(body) ? (body['items'] ?? []) : undefined;
  if (!isRecord(body) || !Array.isArray(items))
    throw new KubeError({ code: 'malformed', detail: 'a list without items' });
  const next = isRecord(body['metadata']) ? body['metadata']['continue'] : undefined;
  return { items, next: typeof next === 'string' && next !== '' ? next : undefined };
}

const NAME_ONLY = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json';

/** Every object of a resource, page by page. A page that expires is begun anew, once, without pages. */
async function* listAll(
  client: KubeClient,
  resource: Resource,
  namespace: string | undefined,
): AsyncGenerator<readonly unknown[], void> {
  const accept = resource.isNameOnly ? NAME_ONLY : 'application/json';
  const path = pathOf(resource, namespace);
  let next: string | undefined;
  for (let pages = 0; pages < MAX_PAGES; pages += 1) {
    const isFirst = next === undefined;
    try {
      const page = pageOf(await client.get(path, { query: { limit: LIMIT, continue: next }, accept }));
      yield page.items;
      next = page.next;
    } catch (error) {
      if (isFirst || failureOfError(error).code !== 'expired') throw error;
      yield pageOf(await client.get(path, { accept })).items;
      return;
    }
    if (next === undefined) return;
  }
}

function problemOf(failure: KubeFailure, { cost, isOptional }: Resource, name: string): string | undefined {
  if (failure.code === 'absent')
    return isOptional ? undefined : `${name}: this API server has none, so ${cost}.`;
  if (failure.code === 'forbidden') return `${name}: not allowed, so ${cost}.`;
  return `${name}: could not be read (${failure.detail}), so ${cost}.`;
}

interface Wanted {
  readonly resource: Resource;
  readonly namespace: string | undefined;
}

/** Reads one resource into the inventory; what it costs when that can not be done. */
async function readInto(
  inventory: Inventory,
  { client, onItems }: { readonly client: KubeClient; readonly onItems: (count: number) => void },
  { resource, namespace }: Wanted,
): Promise<string | undefined> {
  try {
    await requireApi(client, resource);
    for await (const items of listAll(client, resource, namespace)) {
      for (const item of items) {
        const object = decodeLive(item, resource);
        if (object !== undefined) inventory.apply({ do: 'put', object, at: 0 });
      }
      onItems(items.length);
    }
    return undefined;
  } catch (error) {
    const name = `${resourceName(resource)}${namespace === undefined ? '' : ` in ${namespace}`}`;
    return problemOf(failureOfError(error), resource, name);
  }
}

function wantedOf({ namespaces = [], kinds }: SnapshotOptions): readonly Wanted[] {
  return RESOURCES.filter(({ kind }) => kinds === undefined || kinds.has(kind)).flatMap((resource) => {
    const within = resource.isNamespaced && namespaces.length > 0 ? namespaces : [undefined];
    return within.map((namespace) => ({ resource, namespace }));
  });
}

/**
 * Reads a cluster once. Throws {@link KubeError} when nothing can be read at all; what may not be read otherwise is said,
 * with its cost, and the rest is there.
 */
export async function readSnapshot(
  client: KubeClient,
  options: SnapshotOptions = {},
): Promise<ClusterSnapshot> {
  const { onProgress = () => undefined } = options;
  await client.get('/version'); // is there an API server at all, and does it let us in?
  const inventory = new Inventory();
  let objects = 0;
  const onItems = (count: number): void => {
    objects += count;
    onProgress(objects);
  };
  const problems: string[] = [];
  for (const wanted of wantedOf(options)) {
    const problem = await readInto(inventory, { client, onItems }, wanted);
    if (problem !== undefined) problems.push(problem);
  }
  const { shed, malformed } = inventory.counts();
  if (shed > 0) problems.push(`${shed} objects are more than are kept, and were left out.`);
  if (malformed > 0) problems.push(`${malformed} objects are not as they should be, and were read in part.`);
  return { model: inventory.model(), problems };
}
