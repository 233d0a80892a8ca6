/**
 * Finds what a flow is made of in the bytes of one line, without building what is not needed. It answers only for
 * lines as Hubble's exporter writes them: one object, valid JSON, ASCII, no white space between the parts, no field
 * twice, nothing that another decoder reads and it does not.
 */
export interface LineScanner {
  /**
   * Scans the line from `from` up to `to`, at most {@link MAX_LINE_BYTES}; false when it does not answer for it. What
   * was found stands in the members below until the next call.
   */
  scan(bytes: Buffer, from: number, to: number): boolean;
  /** Added to the places below to find them in `bytes`. */
  readonly base: number;
  /** By slot, where the value begins, or 0 when there is none. */
  readonly at: Int32Array;
  /** By slot: a number, 1 or 2 for a boolean, the place just behind a text, or the number of a word or endpoint. */
  readonly value: Int32Array;
  /** By slot of a word or endpoint, the place just behind it. */
  readonly end: Int32Array;
  /** How often words and endpoints were forgotten to make room; numbers given before mean nothing then. */
  readonly resets: number;
}
