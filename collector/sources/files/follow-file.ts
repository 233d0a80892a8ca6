import { type FileHandle, open, readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { compareText } from '#core/order.ts';
import { CHUNK_BYTES } from './byte-stream.ts';
import { failureOf, type InputFailure } from './input-failure.ts';
import { readRecords } from './read-records.ts';
import { RecordSplitter } from './record-splitter.ts';
import { placeInSet } from './rotated-set.ts';
import type { LineReader, ReadRecord, TextRecord } from './text-record.ts';

export interface FollowOptions<Read = never> {
  readonly path: string;
  /** Bytes to read at a time. */
  readonly chunkBytes?: number;
  /** Asked about each short line before it becomes text. */
  readonly readLine?: LineReader<Read>;
  /** Waits before the file is looked at again; resolves at once when it is to end. */
  wait(): Promise<void>;
  /** Lets others have their turn. */
  breathe(): Promise<void>;
  isStopped(): boolean;
  /** Records of one file, in order; `file` is the path, or that of a member of the set that rotation made of it. */
  records(file: string, records: readonly (TextRecord | ReadRecord<Read>)[]): void;
  bytes(count: number): void;
  /** The file is being read, or can not be for now. */
  state(state: { readonly is: 'open' } | { readonly is: 'failed'; readonly failure: InputFailure }): void;
  rotated(): void;
}

/** A file on disk that stays itself when it is renamed. While it is open its numbers can not be given to another. */
interface OpenFile<Read> {
  readonly handle: FileHandle;
  readonly inode: number;
  readonly device: number;
  readonly splitter: RecordSplitter<Read>;
  readBytes: number;
}

type Change = 'same' | 'grown' | 'truncated' | 'replaced' | 'gone';

/** Follows one export that is being written: across rotation by rename, each file to its end, a half line kept. */
class Follower<Read> {
  readonly #options: FollowOptions<Read>;
  readonly #buffer: Buffer;

  constructor(options: FollowOptions<Read>) {
    this.#options = options;
    this.#buffer = Buffer.allocUnsafeSlow(options.chunkBytes ?? CHUNK_BYTES);
  }

  async run(): Promise<void> {
    let file: OpenFile<Read> | undefined;
    try {
      while (!this.#options.isStopped()) {
        file ??= await this.#open();
        if (file !== undefined) {
          await this.#readToEnd(file);
          file = await this.#goOn(file);
        }
        if (file === undefined || (await this.#changeOf(file)) !== 'grown') await this.#options.wait();
      }
      if (file !== undefined) await this.#readToEnd(file);
    } finally {
      await file?.handle.close();
    }
  }

  async #open(): Promise<OpenFile<Read> | undefined> {
    const { path, readLine, state } = this.#options;
    try {
      const handle = await open(path);
      const { ino, dev } = await handle.stat();
      state({ is: 'open' });
      return { handle, inode: ino, device: dev, splitter: new RecordSplitter(readLine), readBytes: 0 };
    } catch (error) {
      state({ is: 'failed', failure: failureOf(error, path) });
      return undefined;
    }
  }

  async #readToEnd(file: OpenFile<Read>): Promise<void> {
    const { path, bytes, breathe } = this.#options;
    for (;;) {
      const { bytesRead } = await file.handle.read(this.#buffer, 0, this.#buffer.length, file.readBytes);
      if (bytesRead === 0) return;
      file.readBytes += bytesRead;
      bytes(bytesRead);
      this.#hand(path, file.splitter.push(this.#buffer.subarray(0, bytesRead)));
      await breathe();
    }
  }

  #hand(path: string, records: readonly (TextRecord | ReadRecord<Read>)[]): void {
    if (records.length > 0) this.#options.records(path, records);
  }

  async #changeOf(file: OpenFile<Read>): Promise<Change> {
    try {
      const { ino, dev, size } = await stat(this.#options.path);
      if (ino !== file.inode || dev !== file.device) return 'replaced';
      if (size < file.readBytes) return 'truncated';
      return size > file.readBytes ? 'grown' : 'same';
    } catch {
      return 'gone';
    }
  }

  /** The file to read next: the same one, or the one that took its place, once that is there. */
  async #goOn(file: OpenFile<Read>): Promise<OpenFile<Read> | undefined> {
    const change = await this.#changeOf(file);
    if (change === 'replaced' || change === 'truncated') {
      if (change === 'replaced') await this.#readToEnd(file); // what was written up to the rename
      this.#hand(this.#options.path, file.splitter.finish());
      const between = change === 'replaced' ? await this.#rotatedSince(file) : [];
      await file.handle.close();
      this.#options.rotated();
      for (const path of between) await this.#readWhole(path);
      return this.#open();
    }
    return file;
  }

  /** Members of the set that were rotated after this file was: written and renamed between two looks. */
  async #rotatedSince(file: OpenFile<Read>): Promise<readonly string[]> {
    const { path } = this.#options;
    const folder = dirname(path);
    const { set } = placeInSet(join(folder, basename(path)));
    const members: { readonly path: string; readonly rank: string; readonly inode: number }[] = [];
    for (const name of await readdir(folder).catch(() => [])) {
      const member = join(folder, name);
      const place = placeInSet(member);
      if (place.set !== set || name === basename(path)) continue;
      const facts = await stat(member).catch(() => undefined);
      if (facts?.isFile() === true) members.push({ path: member, rank: place.rank, inode: facts.ino });
    }
    const own = members.find(({ inode }) => inode === file.inode);
    if (own === undefined) return [];
    const later = members.filter(({ rank }) => compareText(rank, own.rank) > 0);
    return later.sort((a, b) => compareText(a.rank, b.rank)).map((member) => member.path);
  }

  #lineReader(): Pick<FollowOptions<Read>, 'readLine'> {
    const { readLine } = this.#options;
    return readLine === undefined ? {} : { readLine };
  }

  async #readWhole(path: string): Promise<void> {
    const input = { path, size: undefined };
    for await (const batch of readRecords(input, { onBytes: this.#options.bytes, ...this.#lineReader() })) {
      if ('failure' in batch) this.#options.state({ is: 'failed', failure: batch.failure });
      else this.#hand(path, batch.records);
      await this.#options.breathe();
    }
  }
}

/**
 * Follows a file from its beginning until it is told to stop. A file that is not there yet, or is away between two
 * steps of a rotation, is waited for. Holds one chunk and one unfinished record.
 */
export const followFile = <Read = never>(options: FollowOptions<Read>): Promise<void> =>
  new Follower(options).run();
