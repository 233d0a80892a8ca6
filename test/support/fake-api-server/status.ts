import { type FakeKind, qualified } from './kinds.ts';
import type { Json } from './store.ts';

/** An answer to be sent. */
export interface Reply {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Cause {
  readonly reason: string;
  readonly message: string;
  readonly field: string;
}

function failure(code: number, message: string, more: Json = {}): Reply {
  const base = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message };
  return { status: code, body: { ...base, ...more, code } };
}

const about = (kind: FakeKind, name: string): Json => {
  const group = kind.group === '' ? {} : { group: kind.group };
  return { details: { name, ...group, kind: kind.plural } };
};

export const notFound = (kind: FakeKind, name: string): Reply =>
  failure(404, `${qualified(kind)} "${name}" not found`, { reason: 'NotFound', ...about(kind, name) });

export const unknownResource = (): Reply =>
  failure(404, 'the server could not find the requested resource', { reason: 'NotFound', details: {} });

export const pageNotFound = (): Reply => ({ status: 404, body: '404 page not found\n' });

export const alreadyExists = (kind: FakeKind, name: string): Reply =>
  failure(409, `${qualified(kind)} "${name}" already exists`, {
    reason: 'AlreadyExists',
    ...about(kind, name),
  });

export const stale = (kind: FakeKind, name: string): Reply =>
  failure(
    409,
    `Operation cannot be fulfilled on ${qualified(kind)} "${name}": the object has been modified; please apply your changes to the latest version and try again`,
    { reason: 'Conflict', ...about(kind, name) },
  );

export const badRequest = (message: string): Reply => failure(400, message, { reason: 'BadRequest' });

export const unauthorized = (): Reply => failure(401, 'Unauthorized', { reason: 'Unauthorized' });

export const mediaType = (): Reply =>
  failure(415, '415: Unsupported Media Type', { reason: 'UnsupportedMediaType', details: {} });

/** An object, or the options of a request, that is not valid. */
export function invalid(
  of: { readonly group: string; readonly kind: string; readonly name: string },
  causes: readonly Cause[],
): Reply {
  const lines = causes.map(({ field, message }) => `${field}: ${message}`);
  const [only = ''] = lines;
  const what = lines.length === 1 ? only : `[${lines.join(', ')}]`;
  const name = of.name === '' ? {} : { name: of.name };
  return failure(422, `${of.kind}.${of.group} "${of.name}" is invalid: ${what}`, {
    reason: 'Invalid',
    details: { ...name, group: of.group, kind: of.kind, causes },
  });
}

export function forbidden(
  kind: FakeKind,
  verb: string,
  at: { namespace?: string | undefined; user: string },
): Reply {
  const scope = at.namespace === undefined ? 'at the cluster scope' : `in the namespace "${at.namespace}"`;
  const group = kind.group === '' ? {} : { group: kind.group };
  const api = `in API group "${kind.group}"`;
  return failure(
    403,
    `${qualified(kind)} is forbidden: User "${at.user}" cannot ${verb} resource "${kind.plural}" ${api} ${scope}`,
    { reason: 'Forbidden', details: { ...group, kind: kind.plural } },
  );
}

export const tooOld = (asked: number, oldest: number): Reply =>
  failure(410, `too old resource version: ${asked} (${oldest})`, { reason: 'Expired' });

export const listExpired = (): Reply =>
  failure(410, 'The resourceVersion for the provided list is too old.', { reason: 'Expired' });

export const continueExpired = (): Reply =>
  failure(
    410,
    'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter.',
    { reason: 'Expired' },
  );

export const tooNew = (asked: number, current: number): Reply =>
  failure(504, `Timeout: Too large resource version: ${asked}, current: ${current}`, {
    reason: 'Timeout',
    details: {
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
      retryAfterSeconds: 1,
    },
  });

export const badVersion = (text: string): Reply =>
  failure(
    500,
    `resourceVersion: Invalid value: "${text}": strconv.ParseUint: parsing "${text}": invalid syntax`,
  );

export const conflict = (manager: string, groupVersion: string, fields: readonly string[]): Reply => {
  const one = `conflict with "${manager}" using ${groupVersion}`;
  const what =
    fields.length === 1
      ? `1 conflict: ${one}: ${fields[0]}`
      : `${fields.length} conflicts: ${one}:\n- ${fields.join('\n- ')}`;
  const causes = fields.map((field) => ({ reason: 'FieldManagerConflict', message: one, field }));
  return failure(409, `Apply failed with ${what}`, { reason: 'Conflict', details: { causes } });
};

export const deleted = (kind: FakeKind, name: string, uid: string): Reply => ({
  status: 200,
  body: {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: { name, ...(kind.group === '' ? {} : { group: kind.group }), kind: kind.plural, uid },
  },
});
