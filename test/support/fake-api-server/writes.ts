import { parse } from 'yaml';
import { type FakeKind, groupVersion } from './kinds.ts';
import { conflictsOf, jsonPatched, mergePatched, type Owners, partsOf } from './patches.ts';
import {
  alreadyExists,
  badRequest,
  conflict,
  deleted,
  invalid,
  mediaType,
  notFound,
  type Reply,
  stale,
} from './status.ts';
import type { Json, Metadata, ObjectStore, Stored } from './store.ts';
import { admitPolicy, type Release } from './validate-policy.ts';

/** A request that would change something. */
export interface WriteRequest {
  readonly kind: FakeKind;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly query: URLSearchParams;
  readonly contentType: string;
  readonly body: string;
}

interface Options {
  readonly isDryRun: boolean;
  readonly validation: string;
  readonly manager: string;
}

/** An object that may be stored, and headers of the answer. */
interface Admitted {
  readonly object: Json;
  readonly headers: Readonly<Record<string, string>>;
}

function unknownVersion(kind: FakeKind, apiVersion: string): Reply {
  const version = apiVersion.split('/').at(-1) ?? '';
  return badRequest(
    `${kind.kind} in version "${version}" cannot be handled as a ${kind.kind}: no kind "${kind.kind}" is registered for version "${apiVersion}" in scheme "k8s.io/kubernetes/pkg/api/legacyscheme/scheme.go:30"`,
  );
}

const isReply = (value: object): value is Reply => 'status' in value && typeof value.status === 'number';

const isRecord = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Creates, changes and deletes objects, or only says what would come of it. */
export class Writes {
  readonly #store: ObjectStore;
  readonly #release: Release;
  readonly #owners = new Map<string, Owners>();

  constructor(store: ObjectStore, release: Release) {
    this.#store = store;
    this.#release = release;
  }

  handle(method: string, request: WriteRequest): Reply {
    const options = this.#optionsOf(request.query, method === 'POST' ? 'Create' : 'Patch');
    if (isReply(options)) return options;
    if (method === 'POST') return this.#create(request, options);
    if (method === 'PUT') return this.#replace(request, options);
    if (method === 'PATCH') return this.#patch(request, options);
    return this.#delete(request, options);
  }

  #optionsOf(query: URLSearchParams, verb: string): Options | Reply {
    const dryRun = query.get('dryRun');
    if (dryRun !== null && dryRun !== 'All') {
      const shown = this.#release === '1.20' ? `[]string{"${dryRun}"}` : `["${dryRun}"]`;
      const message = `Unsupported value: ${shown}: supported values: "All"`;
      const cause = { reason: 'FieldValueNotSupported', message, field: 'dryRun' };
      return invalid({ group: 'meta.k8s.io', kind: `${verb}Options`, name: '' }, [cause]);
    }
    const validation = this.#release === '1.20' ? 'Ignore' : (query.get('fieldValidation') ?? 'Warn');
    return { isDryRun: dryRun !== null, validation, manager: query.get('fieldManager') ?? 'unknown' };
  }

  /** The object of a body, checked as far as this server does. */
  #admitted({ kind, namespace }: WriteRequest, object: Json, options: Options): Admitted | Reply {
    const { apiVersion } = object;
    if (apiVersion !== groupVersion(kind)) return unknownVersion(kind, String(apiVersion));
    const metadata = isRecord(object['metadata']) ? object['metadata'] : {};
    if (namespace !== undefined && metadata['namespace'] !== undefined && metadata['namespace'] !== namespace)
      return badRequest(
        'the namespace of the provided object does not match the namespace sent on the request',
      );
    const placed = { ...object, metadata: namespace === undefined ? metadata : { ...metadata, namespace } };
    return kind.kind === 'NetworkPolicy'
      ? this.#admittedPolicy(kind, placed, options)
      : { object: placed, headers: {} };
  }

  #admittedPolicy(kind: FakeKind, object: Json, { validation }: Options): Admitted | Reply {
    const found = admitPolicy(object, this.#release);
    if (isReply(found)) return found;
    const said = found.unknown.map((field) => `unknown field "${field}"`).join(', ');
    if (said !== '' && validation === 'Strict')
      return badRequest(
        `${kind.kind} in version "${kind.version}" cannot be handled as a ${kind.kind}: strict decoding error: ${said}`,
      );
    if (found.refused !== undefined) return found.refused;
    const isTold = said !== '' && validation === 'Warn';
    return { object: found.policy, headers: isTold ? { warning: `299 - ${JSON.stringify(said)}` } : {} };
  }

  #create(request: WriteRequest, options: Options): Reply {
    const { kind, namespace } = request;
    const admitted = this.#admitted(request, JSON.parse(request.body) as Json, options);
    if (isReply(admitted)) return admitted;
    const name = String((admitted.object['metadata'] as Metadata).name);
    if (namespace !== undefined && !this.#hasNamespace(namespace))
      return notFound({ ...kind, group: '', plural: 'namespaces' }, namespace);
    if (this.#store.get(kind, name, namespace) !== undefined) return alreadyExists(kind, name);
    const body = this.#kept(kind, this.#store.made(kind, admitted.object), options);
    return { status: 201, body, headers: admitted.headers };
  }

  #hasNamespace(name: string): boolean {
    const namespaces = this.#store.list({ ...NAMESPACE }, undefined);
    return namespaces.some(({ metadata }) => metadata.name === name);
  }

  #kept(kind: FakeKind, object: Stored, { isDryRun, manager }: Options): Stored {
    if (isDryRun) return object;
    const owners = this.#owners.get(object.metadata.uid ?? '') ?? new Map<string, string>();
    this.#owners.set(object.metadata.uid ?? '', owners);
    const before = this.#store.get(kind, object.metadata.name, object.metadata.namespace);
    const known = partsOf(before ?? {});
    for (const [part, value] of partsOf(object)) {
      if (JSON.stringify(known.get(part)) !== JSON.stringify(value)) owners.set(part, manager);
    }
    return this.#store.put(kind, object);
  }

  #replace(request: WriteRequest, options: Options): Reply {
    const { kind, namespace, name = '' } = request;
    const before = this.#store.get(kind, name, namespace);
    if (before === undefined) return notFound(kind, name);
    const sent = JSON.parse(request.body) as Json;
    const version = (sent['metadata'] as Metadata).resourceVersion;
    if (version !== undefined && version !== before.metadata.resourceVersion) return stale(kind, name);
    return this.#changed(request, { before, after: sent }, options);
  }

  #changed(
    request: WriteRequest,
    { before, after }: { readonly before: Stored; readonly after: unknown },
    options: Options,
  ): Reply {
    const admitted = this.#admitted(request, after as Json, options);
    if (isReply(admitted)) return admitted;
    const { uid, creationTimestamp, generation, resourceVersion } = before.metadata;
    const kept = { uid, creationTimestamp, generation, resourceVersion };
    const metadata = { ...(admitted.object['metadata'] as Metadata), ...kept };
    const { kind: name, apiVersion } = before;
    const object = { ...admitted.object, kind: name, apiVersion, metadata } as Stored;
    return { status: 200, body: this.#kept(request.kind, object, options), headers: admitted.headers };
  }

  #patch(request: WriteRequest, options: Options): Reply {
    const { kind, namespace, name = '', contentType, body } = request;
    const before = this.#store.get(kind, name, namespace);
    if (contentType.startsWith('application/apply-patch+yaml')) return this.#apply(request, before, options);
    if (!/^application\/(strategic-merge|merge|json)-patch\+json/.test(contentType)) return mediaType();
    if (before === undefined) return notFound(kind, name);
    const patch: unknown = JSON.parse(body);
    const after = contentType.startsWith('application/json-patch')
      ? jsonPatched(before, patch as Parameters<typeof jsonPatched>[1])
      : mergePatched(before, patch);
    return this.#changed(request, { before, after }, options);
  }

  /** Server-side apply: what is applied is merged in, unless somebody else owns what would change. */
  #apply(request: WriteRequest, before: Stored | undefined, options: Options): Reply {
    const { kind, query } = request;
    if (!query.has('fieldManager')) {
      const message = 'Required value: is required for apply patch';
      const cause = { reason: 'FieldValueRequired', message, field: 'fieldManager' };
      return invalid({ group: 'meta.k8s.io', kind: 'PatchOptions', name: '' }, [cause]);
    }
    const applied = parse(request.body) as Json;
    if (before === undefined) return this.#create({ ...request, body: JSON.stringify(applied) }, options);
    const owners = this.#owners.get(before.metadata.uid ?? '') ?? new Map<string, string>();
    const admitted = this.#admitted(request, applied, options);
    if (isReply(admitted)) return admitted;
    const lost = conflictsOf(before, admitted.object, { owners, manager: options.manager });
    const [first] = lost;
    if (first !== undefined && query.get('force') !== 'true')
      return conflict(owners.get(first) ?? '', groupVersion(kind), lost);
    return this.#changed(request, { before, after: mergePatched(before, admitted.object) }, options);
  }

  #delete({ kind, namespace, name = '' }: WriteRequest, { isDryRun }: Options): Reply {
    const before = this.#store.get(kind, name, namespace);
    if (before === undefined) return notFound(kind, name);
    if (!isDryRun) this.#store.remove(kind, name, namespace);
    return deleted(kind, name, before.metadata.uid ?? '');
  }
}

/** The store files objects by group and plural alone. */
const NAMESPACE: FakeKind = {
  group: '',
  version: 'v1',
  plural: 'namespaces',
  kind: 'Namespace',
  isNamespaced: false,
  shortNames: [],
};
