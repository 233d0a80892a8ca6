import type { Type } from 'protobufjs/light.js';
import { messageType } from '../wire/schema.ts';
import { GRPC_STATUS, GrpcError } from './grpc-status.ts';
import type { FlowMessage } from './messages.ts';
import { knows, type ServerMinor } from './server-version.ts';

/** What is wanted of a message by field: all of it, or these fields of it. */
type MaskTree = Map<string, MaskTree | 'all'>;
type Fields = Readonly<Record<string, unknown>>;

/** A mask of `flow.Flow`. */
export interface FlowMask {
  /** Equal for masks that want the same. */
  readonly key: string;
  /** The flow with nothing but what is wanted. */
  apply(flow: FlowMessage): FlowMessage;
}

const MAX_PATHS = 256;

const refused = (path: string): GrpcError =>
  new GrpcError(GRPC_STATUS.invalidArgument, `invalid fieldmask: no field ${path.slice(0, 128)}`);

/** The message behind a field that a path may go on through: neither a list nor a scalar. */
function messageBehind(type: Type, name: string): Type | undefined {
  const field = type.fields[name];
  const behind = field?.resolve().resolvedType ?? undefined;
  return field?.repeated === false && behind !== undefined && 'fields' in behind ? behind : undefined;
}

function checkPath(path: string, minor: ServerMinor): void {
  let type: Type | undefined = messageType('flow.Flow');
  for (const name of path.split('.')) {
    const isField = type !== undefined && Object.hasOwn(type.fields, name) && knows(minor, type.name, name);
    if (type === undefined || !isField) throw refused(path);
    type = messageBehind(type, name);
  }
}

function addPath(tree: MaskTree, names: readonly string[]): void {
  const [name = '', ...rest] = names;
  const known = tree.get(name);
  if (known === 'all') return;
  if (rest.length === 0) {
    tree.set(name, 'all');
    return;
  }
  const inner = known ?? new Map();
  tree.set(name, inner);
  addPath(inner, rest);
}

/** A field's own value; undefined when the message does not have it. */
function ownValue(fields: Fields | undefined, name: string): unknown {
  const value = fields !== undefined && Object.hasOwn(fields, name) ? fields[name] : undefined;
  return value === null ? undefined : value;
}

/** Whether the field is an alternative to another one, which the message has. */
function isOtherAlternative(type: Type, source: Fields | undefined, name: string): boolean {
  const group = type.fields[name]?.partOf;
  if (group === null || group === undefined) return false;
  return group.oneof.some((other) => other !== name && ownValue(source, other) !== undefined);
}

/**
 * Copies what is wanted. A message that is named only for its fields is there even where the flow has none, as the
 * real server has it; of alternatives the one that the flow has.
 */
function masked(type: Type, source: Fields | undefined, tree: MaskTree): Fields {
  const fields: Record<string, unknown> = {};
  for (const [name, inner] of tree) {
    const value = ownValue(source, name);
    const behind = inner === 'all' ? undefined : messageBehind(type, name);
    if (inner === 'all' || behind === undefined) {
      if (value !== undefined) fields[name] = value;
    } else if (!isOtherAlternative(type, source, name)) {
      fields[name] = masked(behind, value as Fields | undefined, inner);
    }
  }
  return type.create(fields) as unknown as Fields;
}

/**
 * Reads the paths of a field mask; undefined when there are none. Throws INVALID_ARGUMENT for a path that a server of
 * that version does not know.
 */
export function flowMask(paths: readonly string[], minor: ServerMinor): FlowMask | undefined {
  if (paths.length === 0) return undefined;
  if (paths.length > MAX_PATHS) throw refused(`${MAX_PATHS} paths or more`);
  const tree: MaskTree = new Map();
  const sorted = [...new Set(paths)].sort((a, b) => a.length - b.length);
  for (const path of sorted) {
    checkPath(path, minor);
    addPath(tree, path.split('.'));
  }
  const flow = messageType('flow.Flow');
  return {
    key: [...new Set(paths)].sort().join(' '),
    apply: (one) => masked(flow, one as unknown as Fields, tree) as unknown as FlowMessage,
  };
}
