import type { KubeClient } from './kube-client.ts';
import { KubeError } from './kube-failure.ts';
import type { Resource } from './resources.ts';

type Json = Readonly<Record<string, unknown>>;
const isRecord = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const listAt = (value: unknown, key: string): readonly unknown[] => {
  const list = isRecord(value) ? value[key] : undefined;
  return Array.isArray(list) ? list : [];
};

/**
 * Throws a {@link KubeError} that says `absent` when the API of an optional resource is not there. Asking for the resource
 * itself would not tell: who has no right to an API is forbidden it, whether there is one or not.
 */
export async function requireApi(
  client: KubeClient,
  { apiVersion, isOptional }: Resource,
  signal?: AbortSignal | undefined,
): Promise<void> {
  if (!isOptional) return;
  const versions = listAt(await client.get('/apis', { signal }), 'groups')
    .flatMap((group) => listAt(group, 'versions'))
    .map((version) => (isRecord(version) ? version['groupVersion'] : undefined));
  if (!versions.includes(apiVersion)) throw new KubeError({ code: 'absent', detail: `no ${apiVersion}` });
}
