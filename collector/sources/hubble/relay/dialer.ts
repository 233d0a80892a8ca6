import { failed, type Result } from '#core/result.ts';
import { type CallFailure, callFailure } from './call-failure.ts';
import { describeCallFailure } from './describe-failure.ts';
import { type Channel, openChannel } from './http2-channel.ts';
import type { LiveClock, RelayTarget, RelayTuning } from './relay-options.ts';
import { readTlsMaterial, tlsFilesMark } from './tls-files.ts';

/** Connects to one server, with its certificates as they lie on disk at that moment. */
export class Dialer {
  readonly #target: RelayTarget;
  readonly #clock: LiveClock;
  readonly #timeoutMs: number;
  #mark: string | undefined = undefined;

  constructor(target: RelayTarget, clock: LiveClock, { connectTimeoutMs }: RelayTuning) {
    this.#target = target;
    this.#clock = clock;
    this.#timeoutMs = connectTimeoutMs;
  }

  async dial(): Promise<Result<Channel, CallFailure>> {
    const { address, tls } = this.#target;
    this.#mark = await tlsFilesMark(tls);
    const material = await readTlsMaterial(tls);
    if (!material.ok) return failed(callFailure('tls_files', material.error));
    return openChannel({
      address,
      serverName: this.#serverName(),
      material: material.value,
      allowInsecure: tls.allowInsecure,
      timeoutMs: this.#timeoutMs,
      monotonicMs: () => this.#clock.monotonicMs(),
    });
  }

  /** True once for each time that the files of the last connection were replaced. */
  async haveFilesChanged(): Promise<boolean> {
    const { address, tls } = this.#target;
    if (!address.isTls || this.#mark === undefined) return false;
    const before = this.#mark;
    const now = await tlsFilesMark(tls);
    if (now === before || this.#mark !== before) return false;
    this.#mark = now;
    return true;
  }

  /** One sentence that says what is wrong and what to do; not escaped. */
  sentence(failure: CallFailure): string {
    const { address, tls } = this.#target;
    const place = { address: address.text, serverName: this.#serverName(), namesCa: tls.caFiles.length > 0 };
    return describeCallFailure(failure, place);
  }

  /** What a person should know of how the connection is made. */
  notices(): readonly string[] {
    const { address, tls } = this.#target;
    if (!tls.allowInsecure || !address.isTls) return [];
    return [
      `The certificate of ${address.text} is not checked (--tls-allow-insecure): anybody on the way can read and change what it says.`,
    ];
  }

  #serverName(): string {
    const { at } = this.#target.address;
    return this.#target.tls.serverName ?? (at.kind === 'tcp' ? at.host : 'localhost');
  }
}
