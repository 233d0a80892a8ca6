import type { Cursor } from './cursor.ts';
import type { FrameBytes } from './frame-bytes.ts';

/** A message as the JSON decoder's helpers take it: fields by their proto names. */
export type LooseMessage = Record<string, unknown>;

/** How a field becomes a member of a loose message. */
export interface LooseField {
  readonly name: string;
  readonly as: 'text' | 'texts' | 'number' | 'message' | 'messages';
  /** The fields of what is nested, by number. */
  readonly fields?: LooseFields;
}

export type LooseFields = Readonly<Record<number, LooseField>>;

const MAX_UINT32 = 2 ** 32 - 1;

function readText(source: FrameBytes): string {
  const { cursor } = source;
  const size = cursor.length();
  const text = size < 0 ? undefined : source.ascii(cursor.pos, size);
  cursor.pos += size;
  return text ?? '';
}

function readNested(source: FrameBytes, fields: LooseFields): LooseMessage {
  const { cursor } = source;
  const size = cursor.length();
  const { end, pos } = cursor;
  const message = looseMessage(source, { at: pos, size }, fields);
  cursor.begin(pos + size, end);
  return message;
}

function readNumber({ cursor }: FrameBytes): number {
  const value = cursor.long();
  if (value > MAX_UINT32) cursor.decline();
  return value;
}

function readValue(source: FrameBytes, { as, fields = {} }: LooseField): unknown {
  if (as === 'number') return readNumber(source);
  return as === 'text' || as === 'texts' ? readText(source) : readNested(source, fields);
}

const wireTypeOf = ({ as }: LooseField): number => (as === 'number' ? 0 : 2);

/** What protobuf leaves out is left out here too; a field that is there twice is somebody else's to merge. */
function put(cursor: Cursor, message: LooseMessage, field: LooseField & { readonly value: unknown }): void {
  const { name, as, value } = field;
  const before = message[name];
  if (as === 'texts' || as === 'messages') {
    if (Array.isArray(before)) before.push(value);
    else message[name] = [value];
  } else if (before !== undefined) cursor.decline();
  else if (value !== 0 && value !== '') message[name] = value;
}

function readField(source: FrameBytes, message: LooseMessage, fields: LooseFields): void {
  const { cursor } = source;
  const tag = cursor.short();
  if (tag < 8) {
    if (tag >= 0) cursor.stop('malformed');
    return;
  }
  const field = fields[tag >>> 3];
  if (field === undefined) cursor.skip(tag);
  else if ((tag & 7) !== wireTypeOf(field)) cursor.stop('wrong_wire_type');
  else put(cursor, message, { ...field, value: readValue(source, field) });
}

/**
 * A small message as an object: for what is seldom there, or seen once and then known. Of no use when the cursor
 * stopped. Never deeper than `fields` is.
 */
export function looseMessage(
  source: FrameBytes,
  { at, size }: { readonly at: number; readonly size: number },
  fields: LooseFields,
): LooseMessage {
  const { cursor } = source;
  const message: LooseMessage = {};
  cursor.begin(at, at + size);
  while (cursor.pos < at + size && !cursor.isStopped) readField(source, message, fields);
  return message;
}
