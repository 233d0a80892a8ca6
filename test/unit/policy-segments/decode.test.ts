import { describe, expect, test } from 'vitest';
import { fieldText } from '#core/policy/cluster/manifest-problem.ts';
import { decodeSegments } from '#core/policy/segments/decode-segments.ts';
import { describeSegmentFault } from '#core/policy/segments/segment-fault.ts';
import { HOSTILE_STRINGS } from '../../support/hostile-strings.ts';
import { understood, written } from './file.ts';

const DB = { namespaces: ['shop'], pods: { app: 'db' } };
const NEVER = { never: 'db', reaches: 'internet' };

/** `segments.db.cidrs[0] cidr_invalid`, for each fault. */
function faultsOf(value: unknown): readonly string[] {
  const decoded = decodeSegments(value);
  return decoded.ok ? [] : decoded.error.map(({ path, code }) => `${fieldText(path)} ${code}`);
}

const ofSegment = (db: unknown): readonly string[] => faultsOf(written({ db } as object, [NEVER]));

const ofAssertion = (assertion: object): readonly string[] => faultsOf(written({ db: DB }, [assertion]));

describe('a file of segments', () => {
  test('is understood with every field it may have', () => {
    const file = understood(
      {
        db: {
          workloads: ['shop/db', 'shop/db-copy[StatefulSet]'],
          pods: { app: ['db', 'copy'] },
          empty: 'allowed',
        },
        zone: { namespaceLabels: { zone: 'pci' } },
        office: { cidrs: ['203.0.113.0/24'], exceptCidrs: ['203.0.113.7/32'] },
        safe: { any: ['db', 'zone'] },
      },
      [
        {
          never: ['office', 'world'],
          reaches: 'safe',
          ports: ['TCP/5432', 'UDP/1000-2000', 'SCTP'],
          through: true,
          hops: 3,
          except: [{ from: 'office', ports: 'TCP/5432', why: 'the auditors' }],
          severity: 'critical',
        },
      ],
    );
    expect(file.segments.map(({ name, mayBeEmpty }) => [name, mayBeEmpty])).toEqual([
      ['db', true],
      ['zone', false],
      ['office', false],
      ['safe', false],
    ]);
    expect(file.segments[0]?.members).toEqual({
      kind: 'pods',
      namespaces: [],
      namespaceLabels: [],
      workloads: [
        { namespace: 'shop', name: 'db', kind: undefined },
        { namespace: 'shop', name: 'db-copy', kind: 'StatefulSet' },
      ],
      pods: [{ key: 'app', values: ['db', 'copy'] }],
    });
    expect(file.assertions).toEqual([
      {
        id: 'a0',
        verb: 'never',
        from: ['office', 'world'],
        reaches: ['safe'],
        ports: [
          { protocol: 'SCTP', from: 1, to: 65_535 },
          { protocol: 'TCP', from: 5432, to: 5432 },
          { protocol: 'UDP', from: 1000, to: 2000 },
        ],
        hops: 3,
        except: [
          {
            from: ['office'],
            reaches: undefined,
            ports: [{ protocol: 'TCP', from: 5432, to: 5432 }],
            why: 'the auditors',
          },
        ],
        why: 'because',
        severity: 'critical',
        path: ['assertions', 0],
      },
    ]);
  });

  test('needs no segment of its own for what is there without', () => {
    const { assertions } = understood({}, [{ never: 'everyone', reaches: 'kube-apiserver' }]);
    expect(assertions[0]).toMatchObject({ ports: undefined, hops: 1, except: [], severity: 'high' });
  });

  test.each([
    ['nothing', null, [' not_fields']],
    ['a list', [], [' not_fields']],
    ['no version', { segments: {}, assertions: [NEVER] }, ['bulkhead missing']],
    ['another version', { bulkhead: 'segments/v2', future: true }, ['bulkhead version_unknown']],
    ['no assertion', { bulkhead: 'segments/v1' }, [' assertions_missing']],
    ['an empty list of them', { bulkhead: 'segments/v1', assertions: [] }, ['assertions list_empty']],
    [
      'a strange field',
      { ...(written({ db: DB }, [NEVER]) as object), segment: {} },
      ['segment field_unknown'],
    ],
    [
      'a list of segments',
      { ...(written({}, [{ never: 'world', reaches: 'init' }]) as object), segments: [] },
      ['segments not_fields'],
    ],
  ])('that is or has %s is refused', (_name, value, faults) => {
    expect(faultsOf(value)).toEqual(faults);
  });

  test('tells all of its faults at once', () => {
    const value = written({ db: { cidrs: ['10.0.0.0'] }, web: { namespace: ['a'] } }, [
      { only: 'web', reaches: 'dbb' },
    ]);
    expect(faultsOf(value)).toEqual([
      'segments.db.cidrs[0] cidr_invalid',
      'segments.web.namespace field_unknown',
      'segments.web segment_says_nothing',
      'assertions[0].reaches segment_unknown',
    ]);
  });

  test('names what may have been meant', () => {
    const decoded = decodeSegments(written({ prod: DB }, [{ never: 'prodd', reaches: 'prod' }]));
    expect(decoded.ok ? [] : decoded.error.map(describeSegmentFault)).toEqual([
      'assertions[0].never names a segment that is not defined (prodd; there is prod): define it, or mend the name',
    ]);
  });

  test('is never the victim of what it holds, and its faults are no longer than a line', () => {
    for (const text of HOSTILE_STRINGS) {
      const named = Object.fromEntries([
        [text, { namespaces: [text], pods: Object.fromEntries([[text, text]]) }],
      ]);
      const value = written(named, [{ id: text, never: text, reaches: text, ports: [text], severity: text }]);
      const decoded = decodeSegments(value);
      expect(decoded.ok).toBe(false);
      for (const fault of decoded.ok ? [] : decoded.error)
        expect((fault.detail ?? '').length).toBeLessThanOrEqual(60);
    }
  });
});

describe('a segment', () => {
  test.each([
    ['text', 'shop', ['segments.db not_fields']],
    ['nothing', null, ['segments.db not_fields']],
    ['no field', {}, ['segments.db segment_says_nothing']],
    ['only that it may be empty', { empty: 'allowed' }, ['segments.db segment_says_nothing']],
    ['pods and addresses', { ...DB, cidrs: ['10.0.0.0/8'] }, ['segments.db segment_kinds_mixed']],
    ['pods and other segments', { ...DB, any: ['world'] }, ['segments.db segment_kinds_mixed']],
    ['text for a list', { namespaces: 'shop' }, ['segments.db.namespaces not_a_list']],
    ['an empty list', { namespaces: [] }, ['segments.db.namespaces list_empty']],
    ['a namespace that is none', { namespaces: ['Shop'] }, ['segments.db.namespaces[0] namespace_invalid']],
    ['a number for a namespace', { namespaces: [7] }, ['segments.db.namespaces[0] not_text']],
    ['a workload without namespace', { workloads: ['db'] }, ['segments.db.workloads[0] workload_invalid']],
    ['a label that YAML reads as true', { pods: { prod: true } }, ['segments.db.pods.prod not_text']],
    ['no label at all', { pods: {} }, ['segments.db.pods list_empty']],
    ['a label key that is none', { pods: { 'a b': 'x' } }, ['segments.db.pods["a b"] label_key_invalid']],
    ['a label value that is none', { pods: { app: 'a b' } }, ['segments.db.pods.app label_value_invalid']],
    ['no CIDR', { cidrs: ['10.0.0.1/33'] }, ['segments.db.cidrs[0] cidr_invalid']],
    [
      'an exception outside',
      { cidrs: ['10.0.0.0/24'], exceptCidrs: ['10.1.0.0/24'] },
      ['segments.db.exceptCidrs[0] cidr_outside'],
    ],
    ['an unknown member', { any: ['cart'] }, ['segments.db.any segment_unknown']],
    ['itself', { any: ['db'] }, ['segments.db.any segment_in_itself']],
    ['another word for empty', { ...DB, empty: true }, ['segments.db.empty empty_unknown']],
  ])('that is or has %s is refused', (_name, db, faults) => {
    expect(ofSegment(db)).toEqual(faults);
  });

  test('may have an empty value for a label', () => {
    expect(ofSegment({ pods: { app: '' } })).toEqual([]);
  });

  test('can not take a name that is there without definition, nor any text for a name', () => {
    expect(faultsOf(written({ internet: DB, 'My DB': DB }, [NEVER]))).toEqual([
      'segments.internet segment_name_taken',
      'segments["My DB"] segment_name_invalid',
      'assertions[0].never segment_unknown',
    ]);
  });

  test('can not be made of itself by way of others', () => {
    const ring = { a: { any: ['b'] }, b: { any: ['c'] }, c: { any: ['a'] } };
    expect(faultsOf(written(ring, [{ never: 'a', reaches: 'world' }]))).toHaveLength(3);
  });
});

describe('an assertion', () => {
  test.each([
    ['no verb', { reaches: 'db' }, ['assertions[0] verb_missing']],
    ['two verbs', { ...NEVER, only: 'db' }, ['assertions[0] verbs_mixed']],
    ['no target', { never: 'db' }, ['assertions[0].reaches missing']],
    ['no id', { ...NEVER, id: undefined }, ['assertions[0].id missing']],
    ['an id that is none', { ...NEVER, id: 'a b' }, ['assertions[0].id id_invalid']],
    ['no reason', { ...NEVER, why: undefined }, ['assertions[0].why missing']],
    ['an empty reason', { ...NEVER, why: ' ' }, ['assertions[0].why text_empty']],
    ['a reason of no end', { ...NEVER, why: 'x'.repeat(1001) }, ['assertions[0].why text_too_long']],
    ['a port without protocol', { ...NEVER, ports: [5432] }, ['assertions[0].ports[0] port_invalid']],
    ['a port beyond the last', { ...NEVER, ports: ['TCP/65536'] }, ['assertions[0].ports[0] port_invalid']],
    ['ports backwards', { ...NEVER, ports: 'TCP/90-80' }, ['assertions[0].ports port_invalid']],
    ['a protocol without policies', { ...NEVER, ports: ['ICMP'] }, ['assertions[0].ports[0] port_invalid']],
    ['may without ports', { may: 'db', reaches: 'world' }, ['assertions[0].ports ports_needed']],
    [
      'through without never',
      { only: 'db', reaches: 'world', through: true },
      ['assertions[0].through through_misplaced'],
    ],
    ['through that is no truth', { ...NEVER, through: 'yes' }, ['assertions[0].through through_unknown']],
    ['hops without through', { ...NEVER, hops: 3 }, ['assertions[0].hops hops_misplaced']],
    ['one hop', { ...NEVER, through: true, hops: 1 }, ['assertions[0].hops hops_invalid']],
    ['a strange severity', { ...NEVER, severity: 'urgent' }, ['assertions[0].severity severity_unknown']],
    [
      'an exception from everything',
      { ...NEVER, except: [{ why: 'x' }] },
      ['assertions[0].except[0] exception_says_nothing'],
    ],
    [
      'an exception without reason',
      { ...NEVER, except: [{ from: 'db' }] },
      ['assertions[0].except[0].why missing'],
    ],
    [
      'an exception of nobody',
      {
        ...NEVER,
        except: [
          { from: 'db', why: 'x' },
          { reaches: 'dbb', why: 'x' },
        ],
      },
      ['assertions[0].except[1].reaches segment_unknown'],
    ],
    ['a field that is spelt wrongly', { ...NEVER, port: ['TCP/1'] }, ['assertions[0].port field_unknown']],
  ])('that has %s is refused', (_name, assertion, faults) => {
    expect(ofAssertion(assertion)).toEqual(faults);
  });

  test('can not have the id of another', () => {
    const twice = [
      { ...NEVER, id: 'one' },
      { ...NEVER, id: 'one' },
    ];
    expect(faultsOf(written({ db: DB }, twice))).toEqual(['assertions[1].id id_taken']);
  });
});

test('lists and fields beyond the limit are refused and not read', () => {
  const many = Array.from({ length: 1001 }, (_, index) => `n${index}`);
  expect(ofSegment({ namespaces: many })).toEqual(['segments.db.namespaces list_too_long']);
});
