import type { FieldPath } from '#core/policy/cluster/manifest-problem.ts';

/** One value of a JSON text, and where it begins. */
export interface JsonPiece {
  readonly text: string;
  readonly offset: number;
}

function backslashesBefore(text: string, at: number): number {
  let count = 0;
  while (text[at - count - 1] === '\\') count += 1;
  return count;
}

/** The end of the quoted text that begins at `start`; the end of everything when nothing closes it. */
function endOfQuoted(text: string, start: number): number {
  let quote = text.indexOf('"', start + 1);
  while (quote !== -1 && backslashesBefore(text, quote) % 2 === 1) quote = text.indexOf('"', quote + 1);
  return quote === -1 ? text.length : quote + 1;
}

const DEPTH: Readonly<Record<string, number>> = { '{': 1, '[': 1, '}': -1, ']': -1 };

/** The end of the object or list that begins at `start`; the end of everything when nothing closes it. */
function endOfNested(text: string, start: number): number {
  const structure = /["{}[\]]/g;
  structure.lastIndex = start;
  let depth = 0;
  for (let found = structure.exec(text); found !== null; found = structure.exec(text)) {
    depth += DEPTH[found[0]] ?? 0;
    if (found[0] === '"') structure.lastIndex = endOfQuoted(text, found.index);
    else if (depth <= 0) return found.index + 1;
  }
  return text.length;
}

const endOfPlain = (text: string, start: number): number => {
  const rest = /[\s,:[\]{}"]/g;
  rest.lastIndex = start + 1;
  return rest.exec(text)?.index ?? text.length;
};

function endOf(text: string, start: number): number {
  if (text[start] === '"') return endOfQuoted(text, start);
  return text[start] === '{' || text[start] === '[' ? endOfNested(text, start) : endOfPlain(text, start);
}

function nextSolid(text: string, from: number): number {
  const solid = /[^\s,:]/g;
  solid.lastIndex = from;
  return solid.exec(text)?.index ?? text.length;
}

/**
 * Cuts a text into the JSON values that follow one another in it, as `kubectl get -o json` twice over leaves them; at
 * most `limit` of them.
 */
export function jsonPieces(text: string, limit: number): readonly JsonPiece[] {
  const pieces: JsonPiece[] = [];
  for (let at = nextSolid(text, 0); at < text.length && pieces.length < limit; ) {
    const end = endOf(text, at);
    pieces.push({ text: text.slice(at, end), offset: at });
    at = nextSolid(text, end);
  }
  return pieces;
}

/** Where a member's key, and the member's value, begin; for an item of a list the two are one. */
interface Child {
  readonly at: number;
  readonly value: number;
}

/** Finds fields in a text that is valid JSON. Each container on the way is read over once, however often it is asked. */
export class JsonPlaces {
  private readonly text: string;
  private readonly known = new Map<number, ReadonlyMap<string, Child>>();

  constructor(text: string) {
    this.text = text;
  }

  /** The offset of a field, or of the innermost thing around it that is there. */
  offsetOf(path: FieldPath): number {
    let here: Child = { at: nextSolid(this.text, 0), value: nextSolid(this.text, 0) };
    for (const step of path) {
      const child = this.childrenOf(here.value).get(String(step));
      if (child === undefined) break;
      here = child;
    }
    return here.at;
  }

  private childrenOf(container: number): ReadonlyMap<string, Child> {
    const known = this.known.get(container);
    if (known !== undefined) return known;
    const opening = this.text[container];
    const found =
      opening === '{' ? this.membersOf(container) : opening === '[' ? this.itemsOf(container) : new Map();
    this.known.set(container, found);
    return found;
  }

  private itemsOf(list: number): Map<string, Child> {
    const items = new Map<string, Child>();
    let at = nextSolid(this.text, list + 1);
    while (at < this.text.length && this.text[at] !== ']') {
      items.set(String(items.size), { at, value: at });
      at = nextSolid(this.text, endOf(this.text, at));
    }
    return items;
  }

  private membersOf(object: number): Map<string, Child> {
    const members = new Map<string, Child>();
    let at = nextSolid(this.text, object + 1);
    while (at < this.text.length && this.text[at] !== '}') {
      const endOfKey = endOf(this.text, at);
      const value = nextSolid(this.text, endOfKey);
      members.set(String(JSON.parse(this.text.slice(at, endOfKey))), { at, value });
      at = nextSolid(this.text, endOf(this.text, value));
    }
    return members;
  }
}
