import { describe, expect, test } from 'vitest';
import { compileFilters } from '../../../collector/sources/hubble/observer/flow-filter.ts';
import { filterMessage, flowMessage, passes, SOME_FLOW } from './flow-messages.ts';

/** By field: values that let the flow pass, and values that do not. */
const FIELDS: Readonly<Record<string, { readonly yes: readonly object[]; readonly no: readonly object[] }>> =
  {
    uuid: { yes: [['x', SOME_FLOW.uuid]], no: [['x']] },
    source_ip: {
      yes: [['10.0.1.7'], ['10.0.0.0/16'], ['::1', '10.0.1.0/24']],
      no: [['10.0.2.9'], ['fd00::/8']],
    },
    destination_ip: { yes: [['10.0.2.9'], ['10.0.2.8/31']], no: [['10.0.1.7'], ['10.0.2.10/31']] },
    source_ip_xlated: { yes: [['192.0.2.1']], no: [['10.0.1.7']] },
    source_pod: {
      yes: [['shop/frontend'], ['shop/'], ['x', 'shop/frontend-7']],
      no: [['frontend'], ['other/'], ['shop/cart']],
    },
    destination_pod: { yes: [['shop/cart-0']], no: [['shop/cart-01'], ['default/']] },
    source_fqdn: {
      yes: [['*.example.com'], ['FRONTEND.example.com.']],
      no: [['example.com'], ['*.example.org']],
    },
    destination_fqdn: { yes: [['cart.*.cluster.local']], no: [['*cart']] },
    source_label: {
      yes: [['app=frontend'], ['k8s:app in (x, frontend), tier'], ['!missing'], ['reserved:none']],
      no: [['app=cart'], ['any:app notin (frontend)'], ['reserved:app'], ['app,missing']],
    },
    destination_label: { yes: [['app!=frontend']], no: [['app=frontend']] },
    node_labels: { yes: [['zone in (a,b)']], no: [['zone=b']] },
    source_service: { yes: [['shop/front']], no: [['front']] },
    destination_service: { yes: [['shop/']], no: [['shop/front']] },
    source_workload: {
      yes: [[{ name: 'frontend' }], [{ kind: 'Deployment' }]],
      no: [[{ name: 'frontend', kind: 'Job' }]],
    },
    destination_workload: { yes: [[{ name: 'cart', kind: 'StatefulSet' }]], no: [[{ kind: 'Deployment' }]] },
    source_cluster_name: { yes: [['east']], no: [['west']] },
    destination_cluster_name: { yes: [['east', 'west']], no: [['east']] },
    source_identity: { yes: [[1001]], no: [[1002]] },
    destination_identity: { yes: [[1, 1002]], no: [[1001]] },
    source_port: { yes: [['40000']], no: [['8080']] },
    destination_port: { yes: [['80', '8080']], no: [['80']] },
    verdict: { yes: [['FORWARDED', 'DROPPED']], no: [['FORWARDED']] },
    drop_reason_desc: { yes: [['POLICY_DENIED']], no: [['POLICY_DENY']] },
    event_type: {
      yes: [
        [{ type: 129 }],
        [{ type: 129, match_sub_type: true, sub_type: 3 }],
        [{ match_sub_type: true, sub_type: 3 }],
      ],
      no: [[{ type: 4 }], [{ type: 129, match_sub_type: true, sub_type: 0 }]],
    },
    protocol: { yes: [['tcp'], ['udp', 'HTTP']], no: [['udp'], ['dns', 'icmp', 'kafka']] },
    http_status_code: { yes: [['404'], ['4+'], ['40+']], no: [['200'], ['5+']] },
    http_method: { yes: [['get']], no: [['POST']] },
    http_path: { yes: [['^/items/[0-9]+$']], no: [['token'], ['^/carts']] },
    http_url: { yes: [['cart:8080']], no: [['cart:9090']] },
    http_header: {
      yes: [[{ key: 'User-Agent' }], [{ key: 'User-Agent', value: 'curl' }]],
      no: [[{ key: 'Host' }]],
    },
    reply: { yes: [[true]], no: [[false]] },
    tcp_flags: { yes: [[{ SYN: true }], [{ SYN: true, ECE: true }]], no: [[{ SYN: true, ACK: true }]] },
    node_name: { yes: [['node-1'], ['east/'], ['east/node-*']], no: [['node-2'], ['west/node-1'], ['node']] },
    ip_version: { yes: [['IPv4']], no: [['IPv6']] },
    traffic_direction: { yes: [['INGRESS']], no: [['EGRESS']] },
    interface: { yes: [[{ index: 6 }], [{ name: 'lxc1' }]], no: [[{ index: 6, name: 'eth0' }]] },
    trace_id: { yes: [['abc']], no: [['ab']] },
    ip_trace_id: { yes: [[77]], no: [[7]] },
    encrypted: { yes: [[true]], no: [[false]] },
  };

describe('a filter asks for what its field says', () => {
  test.each(Object.entries(FIELDS))('%s', (field, { yes, no }) => {
    for (const values of yes)
      expect(passes({ [field]: values }, SOME_FLOW), JSON.stringify(values)).toBe(true);
    for (const values of no)
      expect(passes({ [field]: values }, SOME_FLOW), JSON.stringify(values)).toBe(false);
  });

  test('a flow that says nothing meets no field, but for what zero stands for', () => {
    const zeroes = new Set(['traffic_direction', 'verdict', 'reply']);
    for (const [field, { yes }] of Object.entries(FIELDS)) {
      if (zeroes.has(field) || field.endsWith('label') || field === 'source_label') continue;
      for (const values of yes) expect(passes({ [field]: values }, {}), field).toBe(false);
    }
  });

  test('DNS queries are searched with regular expressions', () => {
    const flow = { l7: { dns: { query: 'api.example.com.' } } };
    expect(passes({ dns_query: ['example'] }, flow)).toBe(true);
    expect(passes({ dns_query: ['(?i)^API'] }, flow)).toBe(true);
    expect(passes({ dns_query: ['^example'] }, flow)).toBe(false);
  });

  test('a drop that says nothing of replies passes for a request, anything else that says nothing for neither', () => {
    expect(passes({ reply: [false] }, { verdict: 'DROPPED' })).toBe(true);
    expect(passes({ reply: [true] }, { verdict: 'DROPPED' })).toBe(false);
    expect(passes({ reply: [true, false] }, { verdict: 'FORWARDED' })).toBe(false);
  });

  test('ICMP of either family', () => {
    expect(passes({ protocol: ['icmp'] }, { l4: { ICMPv6: { type: 128 } } })).toBe(true);
    expect(passes({ protocol: ['icmpv4'] }, { l4: { ICMPv6: { type: 128 } } })).toBe(false);
  });
});

describe('filters put together', () => {
  const flow = flowMessage(SOME_FLOW);
  const list = (...filters: object[]) => filters.map(filterMessage);

  test('in a filter every field must match', () => {
    expect(passes({ verdict: ['DROPPED'], destination_port: ['8080'] }, SOME_FLOW)).toBe(true);
    expect(passes({ verdict: ['DROPPED'], destination_port: ['80'] }, SOME_FLOW)).toBe(false);
  });

  test('of a whitelist any filter, and none of a blacklist', () => {
    const isWanted = list({ verdict: ['ERROR'] }, { source_pod: ['shop/'] });
    expect(compileFilters(isWanted, [])(flow)).toBe(true);
    expect(compileFilters(isWanted, list({ protocol: ['tcp'] }))(flow)).toBe(false);
    expect(compileFilters([], list({ protocol: ['udp'] }))(flow)).toBe(true);
    expect(compileFilters([], [])(flow)).toBe(true);
  });

  test('an empty filter matches everything', () => {
    expect(passes({}, {})).toBe(true);
  });
});

describe('what can not be read is refused, with the value in the message', () => {
  test.each([
    [{ source_ip: ['10.0.0.300'] }, '10.0.0.300'],
    [{ source_ip: ['10.0.0.0/33'] }, '10.0.0.0/33'],
    [{ source_ip: ['10.0.0.0/'] }, '10.0.0.0/'],
    [{ source_pod: [''] }, '[namespace/][name]'],
    [{ source_port: ['http'] }, 'http'],
    [{ destination_port: ['65536'] }, '65536'],
    [{ protocol: ['toString'] }, 'toString'],
    [{ source_label: ['app in (a'] }, 'app in (a'],
    [{ source_label: ['a=b=c'] }, 'a=b=c'],
    [{ source_fqdn: ['exa mple'] }, 'exa mple'],
    [{ node_name: ['a/b/c'] }, 'a/b/c'],
    [{ http_status_code: ['9+'] }, '9+'],
    [{ http_method: ['GET'], event_type: [{ type: 4 }] }, 'http_method'],
    [{ dns_query: ['(a)\\1'] }, '(a)\\1'],
    [{ dns_query: ['a'.repeat(2000)] }, 'too long'],
    [{ source_cluster_name: [''] }, 'empty'],
    [{ experimental: { cel_expression: ['_flow.verdict == 1'] } }, 'CEL'],
  ])('%j', (filter, said) => {
    expect(() => compileFilters([filterMessage(filter)], [])).toThrow(said);
  });

  test('a regular expression made to be slow is not', () => {
    const flow = { l7: { dns: { query: `${'a'.repeat(200)}!` } } };
    expect(passes({ dns_query: ['^(a+)+$'] }, flow)).toBe(false);
  });

  test('a pattern of many stars is not slow either', () => {
    const flow = { destination_names: [`${'a'.repeat(250)}b`] };
    expect(passes({ destination_fqdn: [`${'a*'.repeat(60)}c`] }, flow)).toBe(false);
    expect(passes({ destination_fqdn: [`${'a*'.repeat(60)}b`] }, flow)).toBe(true);
  });
});
