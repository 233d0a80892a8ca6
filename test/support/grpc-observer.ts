import {
  Metadata,
  Server,
  ServerCredentials,
  type ServerWritableStream,
  type sendUnaryData,
  status,
} from '@grpc/grpc-js';
import { messageType } from '../../collector/sources/hubble/wire/schema.ts';

/** What a client asked for: fields by their proto names. */
export type AskedFlows = Readonly<Record<string, unknown>>;

/** One GetFlows call as a test sees it. */
export interface FlowStream {
  readonly asked: AskedFlows;
  /** Sends encoded GetFlowsResponse messages. */
  send(messages: readonly Uint8Array[]): void;
  /** Ends the call with a status. */
  end(code?: status, message?: string): void;
  readonly isCancelled: () => boolean;
}

export interface GrpcObserverOptions {
  readonly onFlows: (stream: FlowStream) => void;
  /** Fields of ServerStatusResponse; the call is not implemented without. */
  readonly status?: () => Readonly<Record<string, unknown>>;
  readonly nodes?: () => readonly Readonly<Record<string, unknown>>[];
  readonly credentials?: ServerCredentials;
  readonly port?: number;
}

export interface GrpcObserver {
  readonly port: number;
  close(): void;
}

const raw = (bytes: Buffer): Buffer => bytes;

const method = (path: string, responseStream: boolean) => ({
  path,
  requestStream: false,
  responseStream,
  requestDeserialize: raw,
  requestSerialize: raw,
  responseSerialize: raw,
  responseDeserialize: raw,
});

const SERVICE = {
  getFlows: method('/observer.Observer/GetFlows', true),
  serverStatus: method('/observer.Observer/ServerStatus', false),
  getNodes: method('/observer.Observer/GetNodes', false),
};

const encoded = (type: string, fields: Readonly<Record<string, unknown>>): Buffer => {
  const message = messageType(type);
  return Buffer.from(message.encode(message.fromObject(fields)).finish());
};

const asked = (bytes: Buffer): AskedFlows => {
  const type = messageType('observer.GetFlowsRequest');
  return type.toObject(type.decode(bytes), { longs: Number });
};

function answerFlows(call: ServerWritableStream<Buffer, Buffer>, options: GrpcObserverOptions): void {
  const headers = new Metadata();
  headers.set('hubble-server-version', '1.19.4');
  options.onFlows({
    asked: asked(call.request),
    send(messages) {
      call.sendMetadata(headers);
      for (const message of messages) call.write(Buffer.from(message));
    },
    end(code = status.OK, details = '') {
      if (code === status.OK) call.end();
      else call.emit('error', { code, details });
    },
    isCancelled: () => call.cancelled,
  });
}

/** A server of Hubble's protocol made of @grpc/grpc-js alone, so that the client under test meets another's HTTP/2. */
export async function startGrpcObserver(options: GrpcObserverOptions): Promise<GrpcObserver> {
  const server = new Server();
  server.addService(SERVICE, {
    getFlows: (call: ServerWritableStream<Buffer, Buffer>) => answerFlows(call, options),
    serverStatus(_call: unknown, reply: sendUnaryData<Buffer>) {
      if (options.status === undefined) reply({ code: status.UNIMPLEMENTED, details: 'not here' });
      else reply(null, encoded('observer.ServerStatusResponse', options.status()));
    },
    getNodes(_call: unknown, reply: sendUnaryData<Buffer>) {
      if (options.nodes === undefined) reply({ code: status.UNIMPLEMENTED, details: 'not here' });
      else reply(null, encoded('observer.GetNodesResponse', { nodes: options.nodes() }));
    },
  });
  const credentials = options.credentials ?? ServerCredentials.createInsecure();
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${options.port ?? 0}`, credentials, (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return { port, close: () => server.forceShutdown() };
}
