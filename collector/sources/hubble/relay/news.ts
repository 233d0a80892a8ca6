/** What a log should say of a source. */
export interface News {
  readonly state: 'failed' | 'connected';
  /** Not escaped. */
  readonly sentence: string;
}

/** Says each thing once: a server that is away for a night makes one line, not thousands. */
export class NewsTeller {
  readonly #tell: (news: News) => void;
  #last: string | undefined = undefined;

  constructor(tell: (news: News) => void) {
    this.#tell = tell;
  }

  failed(sentence: string): void {
    if (sentence === this.#last) return;
    this.#last = sentence;
    this.#tell({ state: 'failed', sentence });
  }

  connected(address: string): void {
    if (this.#last === undefined) return;
    this.#last = undefined;
    this.#tell({ state: 'connected', sentence: `${address} is connected again.` });
  }
}
