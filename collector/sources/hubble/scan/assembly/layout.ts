/*
 * AssemblyScript: compiled to WebAssembly by `npm run build:scanner`, and no part of the TypeScript programs. Nothing
 * here is allocated: every table has its place in memory, written by the loader or by the scanner itself.
 */

/** The line: up to 8 KiB, and behind it zeros, which no JSON text goes on at. */
export const LINE: usize = 0x10000;
/** By slot: where the value begins (from 1: a line's own first byte is never a value), what it is, where it ends. */
export const AT: usize = 0x14000;
export const VALUE: usize = 0x14100;
export const END: usize = 0x14200;
/** How often what was known was forgotten to make room. */
export const RESETS: usize = 0x14300;
export const SLOT_BYTES: usize = 48 * 4;
/** One {@link FIELD_BYTES} for each field: its key, a mask of the bytes that count, and what it is. */
export const FIELDS: usize = 0x18000;
export const FIELD_BYTES: usize = 128;
export const FIELD_MASK: usize = 32;
export const FIELD_SIZE: usize = 64;
export const FIELD_KIND: usize = 65;
export const FIELD_SLOT: usize = 66;
export const FIELD_INNER: usize = 67;
/** The next field of the same bucket; the last has itself. */
export const FIELD_OTHER: usize = 68;
/** By scope, 64 buckets each: a field, or 255. */
export const NAMES: usize = 0x15000;
/** No field: what is passed over. */
export const UNKNOWN: u32 = 255;
/** By address and first bytes, the endpoint that was there the last time. */
export const GUESSES: usize = 0x20000;
export const GUESS_MASK: u32 = 16383;

/** Segments: their bytes, where they begin, what is read behind them, the state after that, and what they say. */
export const SEGMENT_TEXTS: usize = 0x30000;
export const SEGMENT_BYTES: u32 = 512 * 1024;
export const MOST_SEGMENTS: u32 = 4096;
export const SEGMENT_STARTS: usize = SEGMENT_TEXTS + SEGMENT_BYTES + 64;
export const SEGMENT_FIELDS: usize = SEGMENT_STARTS + (MOST_SEGMENTS + 2) * 4;
export const SEGMENT_NEXT: usize = SEGMENT_FIELDS + MOST_SEGMENTS + 2;
export const SEGMENT_EFFECTS: usize = SEGMENT_NEXT + MOST_SEGMENTS + 2;
/** By effect: a slot, where in the segment its value begins and ends, and the value. */
export const EFFECTS: usize = SEGMENT_EFFECTS + (MOST_SEGMENTS + 2) * 4;
export const EFFECT_BYTES: usize = 16;
export const MOST_EFFECTS: u32 = 4 * MOST_SEGMENTS;
/** By state: which objects are open and behind which field it is; and its segments, the common ones first. */
export const STATES: usize = EFFECTS + <usize>MOST_EFFECTS * EFFECT_BYTES;
export const MOST_STATES: u32 = 255;
export const WAYS: u32 = 24;
export const STATE_SEGMENTS: usize = STATES + (MOST_STATES + 1) * 4;

/** What is remembered: for each run its hash and number by place, where its bytes begin by number, and the bytes. */
export const WORD_ENTRIES: u32 = 65536;
export const WORD_BYTES: u32 = 4 * 1024 * 1024;
export const WORD_PLACES: usize = (STATE_SEGMENTS + (MOST_STATES + 1) * WAYS * 2 + 15) & ~15;
export const WORD_STARTS: usize = WORD_PLACES + 2 * WORD_ENTRIES * 8;
export const ENDPOINT_ENTRIES: u32 = 131072;
export const ENDPOINT_BYTES: u32 = 64 * 1024 * 1024;
export const ENDPOINT_PLACES: usize = WORD_STARTS + (WORD_ENTRIES + 2) * 4;
export const ENDPOINT_STARTS: usize = ENDPOINT_PLACES + 2 * ENDPOINT_ENTRIES * 8;
export const WORD_ARENA: usize = (ENDPOINT_STARTS + (ENDPOINT_ENTRIES + 2) * 4 + 15) & ~15;
/** Last, since it grows. */
export const ENDPOINT_ARENA: usize = WORD_ARENA + WORD_BYTES + 64;
