import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { decodeSegments } from '#core/policy/segments/decode-segments.ts';
import { written } from './file.ts';

const path = join(import.meta.dirname, '../../../docs/commands/assert.schema.json');
const schema = z.fromJSONSchema(JSON.parse(readFileSync(path, 'utf8')));

const SEGMENTS = {
  db: {
    namespaces: ['shop'],
    namespaceLabels: { team: 'a' },
    workloads: ['shop/db'],
    pods: { app: ['db', ''] },
  },
  office: { cidrs: ['10.0.0.0/8'], exceptCidrs: ['10.1.0.0/16'], empty: 'allowed' },
  all: { any: ['db', 'office'] },
};

const FULL = {
  never: ['db', 'world'],
  reaches: 'all',
  ports: ['TCP/80', 'UDP/1-9', 'SCTP'],
  through: true,
  hops: 2,
  except: [{ from: 'db', reaches: ['office'], ports: 'TCP', why: 'x' }],
  severity: 'low',
};

test.each([
  ['every field', written(SEGMENTS, [FULL]), true],
  ['only', written(SEGMENTS, [{ only: 'db', reaches: 'all' }]), true],
  ['may', written(SEGMENTS, [{ may: 'db', reaches: 'all', ports: 'TCP/1' }]), true],
  ['a strange field', { ...(written(SEGMENTS, [FULL]) as object), more: 1 }, false],
  ['another version', { ...(written(SEGMENTS, [FULL]) as object), bulkhead: 'segments/v2' }, false],
  ['no assertion', written(SEGMENTS, []), false],
  ['a strange field of a segment', written({ ...SEGMENTS, x: { namespace: ['a'] } }, [FULL]), false],
  ['two kinds of segment', written({ ...SEGMENTS, x: { pods: { a: 'b' }, any: ['db'] } }, [FULL]), false],
  ['a strange field of an assertion', written(SEGMENTS, [{ ...FULL, port: 'TCP' }]), false],
  ['a port without protocol', written(SEGMENTS, [{ ...FULL, ports: [80] }]), false],
  ['one hop', written(SEGMENTS, [{ ...FULL, hops: 1 }]), false],
  ['an exception without reason', written(SEGMENTS, [{ ...FULL, except: [{ from: 'db' }] }]), false],
  ['a label that is no text', written({ ...SEGMENTS, x: { pods: { a: true } } }, [FULL]), false],
])('the schema and the reader agree about a file with %s', (_name, value, isRight) => {
  expect(decodeSegments(value).ok).toBe(isRight);
  expect(schema.safeParse(value).success).toBe(isRight);
});
