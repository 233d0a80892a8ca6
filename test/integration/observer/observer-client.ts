import { type ChannelCredentials, Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import { onTestFinished } from 'vitest';
import { messageType } from '../../../collector/sources/hubble/wire/schema.ts';

/** A message as plain data: enums by name, 64-bit numbers as text, what is absent left out. */
export type Plain = Readonly<Record<string, unknown>>;

/** What came of a stream. */
export interface StreamEnd {
  readonly messages: readonly Plain[];
  /** Status code; 0 is OK. */
  readonly code: number;
  readonly details: string;
  readonly metadata: Metadata;
}

export interface OpenStream {
  readonly messages: Plain[];
  /** Resolves once so many messages have come; rejects when the stream ends before. */
  until(count: number): Promise<readonly Plain[]>;
  readonly end: Promise<StreamEnd>;
  cancel(): void;
}

const PLAIN = { enums: String, longs: String } as const;

/** An independent client of Hubble's protocol: grpc-js with protobufjs. */
export class ObserverClient {
  readonly #client: Client;

  constructor(address: string, options: { creds?: ChannelCredentials; serverName?: string } = {}) {
    const { creds = credentials.createInsecure(), serverName } = options;
    this.#client = new Client(address, creds, {
      // Else a client waits where an earlier one of the same address could not connect.
      'grpc.use_local_subchannel_pool': 1,
      ...(serverName !== undefined && {
        'grpc.ssl_target_name_override': serverName,
        'grpc.default_authority': serverName,
      }),
    });
    onTestFinished(() => this.#client.close());
  }

  /** Calls a method with one answer. Rejects with grpc-js's ServiceError. */
  async call(path: string, types: readonly [string, string], request: object = {}): Promise<Plain> {
    const [requestType, responseType] = types.map(messageType);
    if (requestType === undefined || responseType === undefined) throw new Error('no types');
    return new Promise((resolve, reject) => {
      this.#client.makeUnaryRequest(
        path,
        (value: object) => Buffer.from(requestType.encode(requestType.fromObject(value)).finish()),
        (bytes: Buffer) => responseType.toObject(responseType.decode(bytes), PLAIN) as Plain,
        request,
        (error: ServiceError | null, answer?: Plain) => {
          if (error === null && answer !== undefined) resolve(answer);
          else reject(error);
        },
      );
    });
  }

  check(service = ''): Promise<Plain> {
    const types = ['grpc.health.v1.HealthCheckRequest', 'grpc.health.v1.HealthCheckResponse'] as const;
    return this.call('/grpc.health.v1.Health/Check', types, { service });
  }

  observe(method: 'ServerStatus' | 'GetNodes' | 'GetNamespaces'): Promise<Plain> {
    const types = [`observer.${method}Request`, `observer.${method}Response`] as const;
    return this.call(`/observer.Observer/${method}`, types);
  }

  /** Opens a stream of flows. The request's enums may be names. */
  flows(request: object, options: { deadlineMs?: number } = {}): OpenStream {
    const requestType = messageType('observer.GetFlowsRequest');
    const responseType = messageType('observer.GetFlowsResponse');
    const call = this.#client.makeServerStreamRequest(
      '/observer.Observer/GetFlows',
      (value: object) => Buffer.from(requestType.encode(requestType.fromObject(value)).finish()),
      (bytes: Buffer) => responseType.toObject(responseType.decode(bytes), PLAIN) as Plain,
      request,
      new Metadata(),
      options.deadlineMs === undefined ? {} : { deadline: Date.now() + options.deadlineMs },
    );
    const messages: Plain[] = [];
    const waiting = new Set<() => void>();
    let metadata = new Metadata();
    call.on('metadata', (headers: Metadata) => {
      metadata = headers;
    });
    call.on('data', (message: Plain) => {
      messages.push(message);
      for (const check of waiting) check();
    });
    call.on('error', () => undefined);
    const end = new Promise<StreamEnd>((resolve) => {
      call.on('status', ({ code, details }: { code: number; details: string }) =>
        resolve({ messages, code, details, metadata }),
      );
    });
    const until = (count: number) =>
      new Promise<readonly Plain[]>((resolve, reject) => {
        const check = (): void => {
          if (messages.length < count) return;
          waiting.delete(check);
          resolve(messages.slice(0, count));
        };
        waiting.add(check);
        check();
        void end.then(({ code, details }) =>
          reject(new Error(`ended with ${code} ${details} after ${messages.length} messages`)),
        );
      });
    return { messages, until, end, cancel: () => call.cancel() };
  }

  /** All that a request without `follow` gives. */
  async all(request: object): Promise<readonly Plain[]> {
    const { code, details, messages } = await this.flows(request).end;
    if (code !== 0) throw new Error(`ended with ${code}: ${details}`);
    return messages;
  }
}

/** The flows among messages. */
export const flowsOf = (messages: readonly Plain[]): readonly Plain[] =>
  messages.flatMap(({ flow }) => (flow === undefined ? [] : [flow as Plain]));
