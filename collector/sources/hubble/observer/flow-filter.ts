import { httpPredicates } from './filter-http.ts';
import {
  clientRegExp,
  fqdnPattern,
  ipPattern,
  namespacedPattern,
  nodeNamePattern,
  PatternError,
} from './filter-patterns.ts';
import { labelSelector } from './label-selector.ts';
import {
  type EndpointMessage,
  type FilterMessage,
  type FlagsMessage,
  type FlowMessage,
  type Layer4Message,
  type Layer7Message,
  type PortsMessage,
  TCP_FLAG_NAMES,
} from './messages.ts';

/** Whether a flow is one that was asked for. */
export type FlowPredicate = (flow: FlowMessage) => boolean;

/** Turns the values of one field into a predicate; throws a {@link PatternError}. */
type FieldBuilder<Values> = (values: Values) => FlowPredicate;
type Builders = {
  readonly [Field in keyof FilterMessage as FilterMessage[Field] extends readonly unknown[]
    ? Field extends `http_${string}`
      ? never
      : Field
    : never]: FieldBuilder<FilterMessage[Field]>;
};

/** Any of the patterns on the text; an absent text meets none. */
const anyText =
  (pattern: (text: string) => (value: string) => boolean, of: (flow: FlowMessage) => string | undefined) =>
  (texts: readonly string[]): FlowPredicate => {
    const patterns = texts.map(pattern);
    return (flow) => {
      const value = of(flow);
      return value !== undefined && value !== '' && patterns.some((isMatch) => isMatch(value));
    };
  };

/** The value is one of those listed. */
const oneOf =
  <Value>(of: (flow: FlowMessage) => Value | undefined) =>
  (values: readonly Value[]): FlowPredicate => {
    const wanted = new Set<Value | undefined>(values);
    return (flow) => wanted.has(of(flow));
  };

type Side = 'source' | 'destination';
const endOf = (flow: FlowMessage, side: Side): EndpointMessage | null => flow[side];

const byName = (of: (flow: FlowMessage) => { namespace: string; name: string } | undefined) => {
  return (texts: readonly string[]): FlowPredicate => {
    const patterns = texts.map(namespacedPattern);
    return (flow) => {
      const named = of(flow);
      if (named === undefined || (named.namespace === '' && named.name === '')) return false;
      return patterns.some((isMatch) => isMatch(named.namespace, named.name));
    };
  };
};

const byPod = (side: Side) =>
  byName((flow) => {
    const end = endOf(flow, side);
    return end === null ? undefined : { namespace: end.namespace, name: end.pod_name };
  });

const byService = (side: Side) => byName((flow) => flow[`${side}_service`] ?? undefined);

const byFqdn =
  (side: Side) =>
  (texts: readonly string[]): FlowPredicate => {
    const patterns = texts.map(fqdnPattern);
    return (flow) => flow[`${side}_names`].some((name) => patterns.some((isMatch) => isMatch(name)));
  };

const byLabels =
  (of: (flow: FlowMessage) => readonly string[] | undefined) =>
  (texts: readonly string[]): FlowPredicate => {
    const selectors = texts.map(labelSelector);
    return (flow) => selectors.some((selects) => selects(of(flow) ?? []));
  };

const byWorkload =
  (side: Side) =>
  (wanted: FilterMessage['source_workload']): FlowPredicate =>
  (flow) =>
    (endOf(flow, side)?.workloads ?? []).some((workload) =>
      wanted.some(
        ({ name, kind }) =>
          (name === '' || name === workload.name) && (kind === '' || kind === workload.kind),
      ),
    );

const byCluster = (side: Side) => (names: readonly string[]) => {
  if (names.includes('')) throw new PatternError('a cluster name must not be empty');
  return oneOf((flow) => endOf(flow, side)?.cluster_name)(names);
};

const portsOf = (l4: Layer4Message | null): PortsMessage | null =>
  l4 === null ? null : (l4.TCP ?? l4.UDP ?? l4.SCTP);

const byPort =
  (field: keyof PortsMessage) =>
  (texts: readonly string[]): FlowPredicate => {
    const ports = new Set(texts.map(portNumber));
    return ({ l4 }) => {
      const both = portsOf(l4);
      return both !== null && ports.has(both[field]);
    };
  };

function portNumber(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535) throw new PatternError(`${text} is no port`);
  return port;
}

const L4_NAMES: Readonly<Record<string, readonly (keyof Layer4Message)[]>> = {
  icmp: ['ICMPv4', 'ICMPv6'],
  icmpv4: ['ICMPv4'],
  icmpv6: ['ICMPv6'],
  tcp: ['TCP'],
  udp: ['UDP'],
  sctp: ['SCTP'],
  vrrp: ['VRRP'],
  igmp: ['IGMP'],
};
const L7_NAMES: Readonly<Record<string, keyof Layer7Message>> = {
  dns: 'dns',
  http: 'http',
  kafka: 'kafka',
};

function protocolPattern(text: string): FlowPredicate {
  const name = text.toLowerCase();
  const layer4 = Object.hasOwn(L4_NAMES, name) ? L4_NAMES[name] : undefined;
  if (layer4 !== undefined) return ({ l4 }) => layer4.some((key) => l4?.[key] != null);
  const layer7 = Object.hasOwn(L7_NAMES, name) ? L7_NAMES[name] : undefined;
  if (layer7 === undefined) throw new PatternError(`unknown protocol ${text}`);
  return ({ l7 }) => l7?.[layer7] != null;
}

/** A drop says nothing about replies; old clients take it for a request, so it passes for one (`reply.go`). */
const DROPPED = 2;

const byReply =
  (wanted: readonly boolean[]): FlowPredicate =>
  ({ is_reply, verdict }) =>
    (is_reply !== null || verdict === DROPPED) && wanted.includes(is_reply?.value ?? false);

const hasFlags = (flags: FlagsMessage, wanted: FlagsMessage): boolean =>
  TCP_FLAG_NAMES.every((name) => !wanted[name] || flags[name]);

const BUILDERS: Builders = {
  uuid: oneOf(({ uuid }) => uuid),
  event_type:
    (types) =>
    ({ event_type: event }) =>
      event !== null &&
      types.some(
        ({ type, match_sub_type, sub_type }) =>
          (type === 0 || type === event.type) && (!match_sub_type || sub_type === event.sub_type),
      ),
  verdict: oneOf(({ verdict }) => verdict),
  drop_reason_desc: oneOf((flow) => flow.drop_reason_desc),
  reply: byReply,
  source_identity: oneOf(({ source }) => source?.identity),
  destination_identity: oneOf(({ destination }) => destination?.identity),
  protocol: (texts) => {
    const protocols = texts.map(protocolPattern);
    return (flow) => protocols.some((isProtocol) => isProtocol(flow));
  },
  source_ip: anyText(ipPattern, ({ IP }) => IP?.source),
  source_ip_xlated: anyText(ipPattern, ({ IP }) => IP?.source_xlated),
  destination_ip: anyText(ipPattern, ({ IP }) => IP?.destination),
  source_pod: byPod('source'),
  destination_pod: byPod('destination'),
  source_workload: byWorkload('source'),
  destination_workload: byWorkload('destination'),
  source_service: byService('source'),
  destination_service: byService('destination'),
  source_fqdn: byFqdn('source'),
  destination_fqdn: byFqdn('destination'),
  dns_query: (texts) => {
    const queries = texts.map(clientRegExp);
    return ({ l7 }) => l7?.dns != null && queries.some((isMatch) => isMatch(l7.dns?.query ?? ''));
  },
  source_label: byLabels(({ source }) => source?.labels),
  destination_label: byLabels(({ destination }) => destination?.labels),
  node_labels: byLabels(({ node_labels }) => node_labels),
  source_port: byPort('source_port'),
  destination_port: byPort('destination_port'),
  tcp_flags:
    (wanted) =>
    ({ l4 }) => {
      const flags = l4?.TCP?.flags;
      return flags != null && wanted.some((some) => hasFlags(flags, some));
    },
  node_name: anyText(nodeNamePattern, (flow) => flow.node_name),
  ip_version: oneOf(({ IP }) => IP?.ipVersion),
  trace_id: oneOf((flow) => flow.trace_context?.parent?.trace_id),
  ip_trace_id: (ids) => {
    const wanted = new Set(ids.map(String));
    return ({ ip_trace_id: id }) => id !== null && wanted.has(String(id.trace_id));
  },
  traffic_direction: oneOf((flow) => flow.traffic_direction),
  source_cluster_name: byCluster('source'),
  destination_cluster_name: byCluster('destination'),
  interface:
    (wanted) =>
    ({ interface: one }) =>
      one !== null &&
      wanted.some(
        ({ index, name }) => (index === 0 || index === one.index) && (name === '' || name === one.name),
      ),
  encrypted: oneOf(({ IP }) => IP?.encrypted),
};

function predicatesOf(filter: FilterMessage): readonly FlowPredicate[] {
  if ((filter.experimental?.cel_expression.length ?? 0) > 0) {
    throw new PatternError('CEL expressions are not evaluated by this server');
  }
  const predicates: FlowPredicate[] = [...httpPredicates(filter)];
  for (const field of Object.keys(BUILDERS) as (keyof Builders)[]) {
    if (filter[field].length === 0) continue;
    // The field's name ties its values to its builder; the compiler can not follow that through a loop.
    predicates.push((BUILDERS[field] as FieldBuilder<unknown>)(filter[field]));
  }
  return predicates;
}

const MAX_FILTERS = 256;

function anyOf(filters: readonly FilterMessage[]): FlowPredicate | undefined {
  if (filters.length > MAX_FILTERS) throw new PatternError(`more than ${MAX_FILTERS} filters`);
  if (filters.length === 0) return undefined;
  const all = filters.map(predicatesOf);
  return (flow) => all.some((predicates) => predicates.every((isMatch) => isMatch(flow)));
}

/**
 * The flows of a request: those that any filter of the whitelist matches, all of them without one, less those that
 * any filter of the blacklist matches. In a filter every field must match, in a field any of its values. Throws a
 * {@link PatternError} for a value that can not be read.
 */
export function compileFilters(
  whitelist: readonly FilterMessage[],
  blacklist: readonly FilterMessage[],
): FlowPredicate {
  const isWanted = anyOf(whitelist) ?? (() => true);
  const isUnwanted = anyOf(blacklist) ?? (() => false);
  return (flow) => isWanted(flow) && !isUnwanted(flow);
}
