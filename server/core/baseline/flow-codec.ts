import {
  type DecidingPolicy,
  FLOW_KINDS,
  type Flow,
  type FlowEndpoint,
  type L7Summary,
  PROTOCOLS,
  type TcpFlags,
  VERDICTS,
} from '#core/flow/flow.ts';
import { ENTITIES } from '#core/identity/peer.ts';
import { type Json, toJson } from './canonical-json.ts';
import {
  type Reader,
  readCount,
  readFields,
  readFlag,
  readInteger,
  readList,
  readMap,
  readNumber,
  readOneOf,
  readOptional,
  readPort,
  readText,
} from './json-reader.ts';

/** A policy as the data path names it. */
export const readDecidingPolicy: Reader<DecidingPolicy> = readFields<DecidingPolicy>({
  kind: readText,
  namespace: readText,
  name: readText,
});

const readEndpoint = readFields<FlowEndpoint>({
  ip: readOptional(readText),
  port: readOptional(readPort),
  identity: readOptional(readCount),
  cluster: readOptional(readText),
  namespace: readOptional(readText),
  pod: readOptional(readText),
  workloads: readList(readFields<{ name: string; kind: string }>({ name: readText, kind: readText })),
  labels: readMap(readText),
  namespaceLabels: readMap(readText),
  entities: readList(readOneOf(ENTITIES)),
  names: readList(readText),
});

const readTcpFlags = readFields<TcpFlags>({ syn: readFlag, ack: readFlag, rst: readFlag, fin: readFlag });

type Http = NonNullable<L7Summary['http']>;
type Dns = NonNullable<L7Summary['dns']>;

const readL7Fields = readFields<{
  kind: L7Summary['kind'];
  http: Http | undefined;
  dns: Dns | undefined;
}>({
  kind: readOneOf(['request', 'response', 'sample', 'unknown'] as const),
  http: readOptional(readFields<Http>({ method: readText, path: readText, code: readOptional(readNumber) })),
  dns: readOptional(readFields<Dns>({ query: readText, ips: readList(readText), rcode: readNumber })),
});

const readL7: Reader<L7Summary> = (value, at) => {
  const { kind, http, dns } = readL7Fields(value, at);
  return { kind, ...(http === undefined ? {} : { http }), ...(dns === undefined ? {} : { dns }) };
};

/** Reads what {@link encodeFlow} wrote. */
export const readFlow: Reader<Flow> = readFields<Flow>({
  at: readInteger,
  atNanos: readCount,
  uuid: readOptional(readText),
  node: readOptional(readText),
  kind: readOneOf(FLOW_KINDS),
  verdict: readOneOf(VERDICTS),
  dropReason: readOptional(readText),
  protocol: readOneOf(PROTOCOLS),
  source: readEndpoint,
  destination: readEndpoint,
  tcpFlags: readOptional(readTcpFlags),
  icmpType: readOptional(readCount),
  reply: readOneOf(['request', 'reply', 'unknown'] as const),
  direction: readOneOf(['ingress', 'egress', 'unknown'] as const),
  isNew: readFlag,
  l7: readOptional(readL7),
  service: readOptional(
    readFields<{ namespace: string; name: string }>({ namespace: readText, name: readText }),
  ),
  allowedBy: readList(readDecidingPolicy),
  deniedBy: readList(readDecidingPolicy),
  count: readCount,
  isAggregate: readFlag,
});

/** A flow as plain data; fields without a value are left out. */
export const encodeFlow = (flow: Flow): Json => toJson(flow);
