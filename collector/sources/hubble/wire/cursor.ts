import { type FrameFault, MAX_DEPTH } from './frame.ts';

/** A reader that is used for one message after another: where it stands, and why it stopped. */
export class Cursor {
  bytes: Uint8Array = new Uint8Array(0);
  pos = 0;
  /** Just behind the last byte of the message that is read now. */
  end = 0;
  /** True from the moment that something could not be read: what was read since {@link open} is of no use. */
  isStopped = false;
  /**
   * Once stopped, what is wrong with the bytes; undefined when they are only unusual, such as a number of more than
   * 28 bits where none is expected, and another decoder should have them.
   */
  fault: FrameFault | undefined = undefined;

  /** Begins anew. */
  open(): void {
    this.isStopped = false;
    this.fault = undefined;
  }

  /** Begins a message: the bytes from `from` up to `to`. */
  begin(from: number, to: number): void {
    this.pos = from;
    this.end = to;
  }

  /** Stops for this reason, unless it has stopped for another; -1 is what every reader here answers then. */
  stop(fault: FrameFault | undefined): -1 {
    if (!this.isStopped) this.fault = fault;
    this.isStopped = true;
    return -1;
  }

  /** The same, and says false. */
  refuse(fault: FrameFault | undefined): false {
    this.stop(fault);
    return false;
  }

  /** Stops because the bytes are unusual. */
  decline(): false {
    return this.refuse(undefined);
  }

  /** A tag, a length or a number of up to 28 bits (varint, "Protocol Buffers Encoding"); -1 when it is none. */
  short(): number {
    if (this.pos >= this.end) return this.stop('truncated');
    const first = this.bytes[this.pos] as number;
    this.pos += 1;
    return first < 0x80 ? first : this.more(first, this.pos);
  }

  /** The same when `first` was read, says that more follows, and what follows is at `at`. */
  more(first: number, at: number): number {
    const second = this.bytes[at] as number;
    if (at < this.end && second < 0x80) {
      this.pos = at + 1;
      return (first & 0x7f) | (second << 7);
    }
    this.pos = at;
    return this.#evenMore(first & 0x7f);
  }

  #evenMore(first: number): number {
    let value = first;
    for (let shift = 7; shift < 28; shift += 7) {
      if (this.pos >= this.end) return this.stop('truncated');
      const byte = this.bytes[this.pos] as number;
      this.pos += 1;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    return this.stop(undefined);
  }

  /** A number of up to 35 bits: seconds, nanoseconds; -1 when it is none. */
  long(): number {
    let value = 0;
    let factor = 1;
    for (let i = 0; i < 5; i += 1) {
      if (this.pos >= this.end) return this.stop('truncated');
      const byte = this.bytes[this.pos] as number;
      this.pos += 1;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
      factor *= 128;
    }
    return this.stop(undefined);
  }

  /** The length of what follows, which must be there; -1 when it is not. */
  length(): number {
    const length = this.short();
    return length > this.end - this.pos ? this.stop('truncated') : length;
  }

  /** Passes over the value behind `tag`; -1 when there is none. */
  skip(tag: number): number {
    switch (tag & 7) {
      case 0:
        return this.#skipNumber();
      case 2: {
        const length = this.length();
        this.pos += length;
        return length;
      }
      case 1:
        return this.#skipBytes(8);
      case 5:
        return this.#skipBytes(4);
      case 3:
        return this.#skipGroup(tag);
      default:
        return this.stop('wrong_wire_type');
    }
  }

  #skipBytes(count: number): number {
    if (count > this.end - this.pos) return this.stop('truncated');
    this.pos += count;
    return count;
  }

  /** Passes over a number of which a byte was read that ends before `at`; 0, or -1 when it does not end. */
  passNumber(at: number): number {
    this.pos = at - 1;
    return this.#skipNumber();
  }

  #skipNumber(): number {
    for (let i = 0; i < 10; i += 1) {
      if (this.pos >= this.end) return this.stop('truncated');
      const byte = this.bytes[this.pos] as number;
      this.pos += 1;
      if (byte < 0x80) return 0;
    }
    return this.stop('bad_varint');
  }

  /** Groups are long out of use, and the one way to nest without a length: nothing here calls itself. */
  #skipGroup(first: number): number {
    const open = [first >>> 3];
    while (open.length > 0) {
      const tag = this.short();
      if (tag < 8) return tag < 0 ? -1 : this.stop('malformed');
      if (this.#stepInGroup(open, tag) < 0) return -1;
    }
    return 0;
  }

  #stepInGroup(open: number[], tag: number): number {
    const field = tag >>> 3;
    switch (tag & 7) {
      case 3:
        return open.push(field) > MAX_DEPTH ? this.stop('too_deep') : 0;
      case 4:
        return open.pop() === field ? 0 : this.stop('malformed');
      default:
        return this.skip(tag);
    }
  }
}
