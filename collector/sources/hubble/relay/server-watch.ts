import type { Channel } from './http2-channel.ts';
import {
  askNodes,
  askServerStatus,
  checkHealth,
  type NodeFacts,
  type ServerFacts,
} from './observer-calls.ts';

const MAX_TEXT = 100;

/** What one server says of itself, asked again and again; a server that does not know a question is not asked it twice. */
export class ServerWatch {
  #health: string | undefined = undefined;
  #server: ServerFacts | undefined = undefined;
  #nodes: readonly NodeFacts[] | undefined = undefined;
  #versionTold: string | undefined = undefined;
  #seenAtOpen: number | undefined = undefined;
  #isAsking = false;

  get health(): string | undefined {
    return this.#health;
  }

  get server(): ServerFacts | undefined {
    return this.#server;
  }

  get nodes(): readonly NodeFacts[] | undefined {
    return this.#nodes;
  }

  /** The version from the server's status, else from its answers' metadata. */
  get version(): string | undefined {
    return this.#server?.version ?? this.#versionTold;
  }

  /** Flows that the server saw since the current stream was opened. */
  get seenSinceOpen(): number {
    if (this.#seenAtOpen === undefined || this.#server === undefined) return 0;
    return Math.max(0, this.#server.seenFlows - this.#seenAtOpen);
  }

  /** A stream is about to be opened: what is asked next counts from here. */
  streamOpens(): void {
    this.#seenAtOpen = undefined;
  }

  /** The server's answer to a stream tells a version too. */
  told(metadata: Readonly<Record<string, string>>): void {
    const version = metadata['hubble-relay-version'] ?? metadata['hubble-server-version'];
    if (version !== undefined) this.#versionTold = version.slice(0, MAX_TEXT);
  }

  /** Asks everything once; never rejects. A question that is not answered leaves what was known, or nothing. */
  async ask(channel: Channel): Promise<void> {
    if (this.#isAsking) return;
    this.#isAsking = true;
    const [health, status, nodes] = await Promise.all([
      checkHealth(channel),
      askServerStatus(channel),
      askNodes(channel),
    ]);
    this.#isAsking = false;
    this.#health = health.ok ? health.value : undefined;
    if (status.ok) {
      this.told(status.value.metadata);
      this.#server = status.value.value;
      this.#seenAtOpen ??= status.value.value.seenFlows;
    }
    this.#nodes = nodes.ok ? nodes.value : undefined;
  }
}
