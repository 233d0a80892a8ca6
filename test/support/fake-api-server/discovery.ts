import { type FakeKind, groupVersion } from './kinds.ts';
import { pageNotFound, type Reply } from './status.ts';
import type { Json } from './store.ts';
import type { Release } from './validate-policy.ts';

const VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

function resourceList(kinds: readonly FakeKind[], version: string): Json {
  const resources = kinds.map(({ plural, kind, isNamespaced, shortNames }) => ({
    name: plural,
    singularName: kind.toLowerCase(),
    namespaced: isNamespaced,
    kind,
    verbs: VERBS,
    ...(shortNames.length === 0 ? {} : { shortNames }),
  }));
  const core = version.includes('/') ? { apiVersion: 'v1' } : {};
  return { kind: 'APIResourceList', ...core, groupVersion: version, resources };
}

function groupList(kinds: readonly FakeKind[]): Json {
  const versions = new Map(
    kinds.filter(({ group }) => group !== '').map((kind) => [kind.group, kind.version]),
  );
  const groups = [...versions].map(([name, version]) => {
    const preferred = { groupVersion: `${name}/${version}`, version };
    return { name, versions: [preferred], preferredVersion: preferred };
  });
  return { kind: 'APIGroupList', apiVersion: 'v1', groups };
}

const PATCH_PARAMETERS = ['dryRun', 'fieldManager', 'fieldValidation', 'force'].map((name) => ({
  name,
  in: 'query',
  schema: { type: name === 'force' ? 'boolean' : 'string', uniqueItems: true },
}));

/** As much of an OpenAPI v3 document as `kubectl` looks at: which requests take a dry run and strict validation. */
function openApi(kinds: readonly FakeKind[], root: string): Json {
  const paths = kinds.map((kind) => {
    const { group, version, plural, isNamespaced } = kind;
    const path = `${root}/${isNamespaced ? 'namespaces/{namespace}/' : ''}${plural}/{name}`;
    const gvk = { group, version, kind: kind.kind };
    const responses = { '200': { description: 'OK' } };
    return [
      path,
      { patch: { parameters: PATCH_PARAMETERS, 'x-kubernetes-group-version-kind': gvk, responses } },
    ] as const;
  });
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: 'fake' },
    paths: Object.fromEntries(paths),
    components: { schemas: {} },
  };
}

const rootOf = (version: string): string => (version.includes('/') ? `apis/${version}` : `api/${version}`);

/** What a server says about itself; undefined for paths that are no such question. */
export function discover(path: string, kinds: readonly FakeKind[], release: Release): Reply | undefined {
  const minor = release === '1.20' ? '20' : '36';
  const versions = new Map<string, FakeKind[]>();
  for (const kind of kinds)
    versions.set(groupVersion(kind), [...(versions.get(groupVersion(kind)) ?? []), kind]);
  if (path === '/version') return { status: 200, body: { major: '1', minor, gitVersion: `v1.${minor}.2` } };
  if (path === '/api') return { status: 200, body: { kind: 'APIVersions', versions: ['v1'] } };
  if (path === '/apis') return { status: 200, body: groupList(kinds) };
  if (path.startsWith('/openapi/')) return release === '1.20' ? pageNotFound() : describe(path, versions);
  for (const [version, own] of versions) {
    if (path === `/${rootOf(version)}`) return { status: 200, body: resourceList(own, version) };
  }
  return undefined;
}

function describe(path: string, versions: ReadonlyMap<string, readonly FakeKind[]>): Reply {
  if (path === '/openapi/v3') {
    const urls = [...versions.keys()].map(
      (version) => [rootOf(version), { serverRelativeURL: `/openapi/v3/${rootOf(version)}` }] as const,
    );
    return { status: 200, body: { paths: Object.fromEntries(urls) } };
  }
  for (const [version, own] of versions) {
    if (path === `/openapi/v3/${rootOf(version)}`)
      return { status: 200, body: openApi(own, `/${rootOf(version)}`) };
  }
  return pageNotFound();
}
