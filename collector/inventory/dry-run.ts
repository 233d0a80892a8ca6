import { createHash } from 'node:crypto';
import { sortedBy } from '#core/order.ts';
import { policyId, policyText } from '#core/policy/certify/content-hash.ts';
import type { CheckedPolicy, DryRunAnswer, ServerCheck } from '#core/policy/dry-run/dry-run-answer.ts';
import type { NetworkPolicy } from '#core/policy/network-policy.ts';
import type { Answer, KubeClient } from './kube-client.ts';
import { failureOfError, KubeError, statusMessage } from './kube-failure.ts';

type Json = Readonly<Record<string, unknown>>;
const isRecord = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const MAX_TEXT = 300;
const MAX_CAUSES = 50;
const cut = (value: unknown): string => (typeof value === 'string' ? value.slice(0, MAX_TEXT) : '');

const LONGEST_NAME = 253;
const SUFFIX_LENGTH = 8;

/**
 * A name nobody has, so that the right to create is all that is needed, and a policy of that name in the cluster does not
 * get in the way. It begins with the real name, which is checked along.
 */
function uniqueName(policy: NetworkPolicy): string {
  const hash = createHash('sha256').update(policyText(policy)).digest('hex').slice(0, SUFFIX_LENGTH);
  const { name } = policy.metadata;
  const room = LONGEST_NAME - SUFFIX_LENGTH - 1;
  return `${name.length > LONGEST_NAME ? name : name.slice(0, room)}-${hash}`;
}

const causesOf = (body: Json): readonly { readonly field: string; readonly message: string }[] => {
  const details = isRecord(body['details']) ? body['details'] : {};
  const causes = Array.isArray(details['causes']) ? details['causes'] : [];
  return causes
    .filter(isRecord)
    .slice(0, MAX_CAUSES)
    .map(({ field, message }) => ({ field: cut(field), message: cut(message) }));
};

/** Status codes with which the API server speaks about the object, and not about the question. */
const ABOUT_THE_OBJECT: ReadonlySet<number> = new Set([400, 422]);

/** What an answer says; the server's own words about `unique` are put back to the policy's real name. */
function answerOf({ status, body, warnings }: Answer, real: string, unique: string): DryRunAnswer {
  if (status === 200 || status === 201) return { outcome: 'accepted', warnings: warnings.map(cut) };
  const message = (statusMessage(body) ?? `HTTP ${status}`).replaceAll(unique, real);
  if (ABOUT_THE_OBJECT.has(status) && isRecord(body)) {
    const causes = causesOf(body).map((each) => ({
      ...each,
      message: each.message.replaceAll(unique, real),
    }));
    return { outcome: 'refused', status, message, causes };
  }
  if (status === 403 && /denied the request|admission webhook|ValidatingAdmissionPolicy/i.test(message))
    return { outcome: 'refused', status, message, causes: [] };
  if (status === 403)
    return { outcome: 'not-checked', why: `${message}; grant create on networkpolicies to have it checked` };
  return { outcome: 'not-checked', why: message };
}

/** Dry runs are generally available since Kubernetes 1.18: an earlier server might store what it is sent. */
const FIRST_WITH_DRY_RUN = 18;
/** The first that answers a misspelt field by itself. */
const FIRST_STRICT = 25;

interface ServerVersion {
  readonly text: string;
  readonly minor: number;
}

async function versionOf(client: KubeClient): Promise<ServerVersion> {
  const body = await client.get('/version');
  const version = isRecord(body) ? body : {};
  const [major, minor] = [version['major'], version['minor']].map((each) =>
    Number.parseInt(String(each), 10),
  );
  if (major === undefined || minor === undefined || Number.isNaN(major) || Number.isNaN(minor))
    throw new KubeError({ code: 'malformed', detail: 'it does not say its version' });
  return { text: cut(version['gitVersion']) || `v${major}.${minor}`, minor: major > 1 ? 1000 : minor };
}

async function checked(client: KubeClient, policy: NetworkPolicy): Promise<DryRunAnswer> {
  const namespace = policy.metadata.namespace ?? 'default';
  const name = uniqueName(policy);
  const { apiVersion = 'networking.k8s.io/v1', kind = 'NetworkPolicy', ...rest } = policy;
  const object = { apiVersion, kind, ...rest, metadata: { ...policy.metadata, namespace, name } };
  const path = `/apis/networking.k8s.io/v1/namespaces/${encodeURIComponent(namespace)}/networkpolicies`;
  try {
    return answerOf(await client.dryRunCreate(path, object), policy.metadata.name, name);
  } catch (error) {
    return { outcome: 'not-checked', why: failureOfError(error).detail };
  }
}

/**
 * Asks the API server to create each policy without storing it. Throws {@link KubeError} when it can not be asked at
 * all, or is so old that it might not keep to that.
 */
export async function checkOnServer(
  client: KubeClient,
  policies: readonly NetworkPolicy[],
  onProgress: (done: number, total: number) => void = () => undefined,
): Promise<ServerCheck> {
  const { text, minor } = await versionOf(client);
  if (minor < FIRST_WITH_DRY_RUN)
    throw new KubeError({
      code: 'absent',
      detail: `Kubernetes ${text} has no dry run that can be relied on`,
    });
  const answers: CheckedPolicy[] = [];
  for (const policy of policies) {
    answers.push({ policy: policyId(policy), answer: await checked(client, policy) });
    onProgress(answers.length, policies.length);
  }
  return {
    server: client.server,
    version: text,
    isStrict: minor >= FIRST_STRICT,
    policies: sortedBy(answers, ({ policy }) => policy),
  };
}
