import { describe, expect, test } from 'vitest';
import type { Finding } from '#core/finding/finding.ts';
import { decodeFinding, encodeFinding } from '#core/finding/finding-codec.ts';
import { findingId } from '#core/finding/finding-id.ts';
import { mergeFindings } from '#core/finding/merge-findings.ts';
import { edge, hash } from '../baseline/some-edge.ts';

const about = edge('shop/a', 'shop/b', 80);
const { from, to, protocol, port } = about;
const finding = (more: Partial<Finding> = {}): Finding => ({
  id: findingId('new-edge', about.key, hash),
  kind: 'new-edge',
  severity: 'low',
  state: 'open',
  edge: about.key,
  ends: { from, to, protocol, port },
  title: 'New edge',
  explanation: 'No such edge was seen during training.',
  nearestKnown: undefined,
  proposalAnswer: 'no-proposal',
  conversations: 3,
  firstSeenAt: 1000,
  lastSeenAt: 2000,
  sample: about.sample,
  ...more,
});

describe('findings over time', () => {
  test('a new one comes in as it is', () => {
    expect(mergeFindings([], [finding()])).toEqual([finding()]);
  });

  test('one that is seen again grows and keeps the state a person gave it', () => {
    const stored = finding({ state: 'acknowledged' });
    const [merged] = mergeFindings([stored], [finding({ conversations: 9, lastSeenAt: 5000 })]);
    expect(merged).toMatchObject({
      state: 'acknowledged',
      conversations: 9,
      firstSeenAt: 1000,
      lastSeenAt: 5000,
    });
  });

  test('nothing shrinks after a restart that has seen less', () => {
    const stored = finding({ severity: 'high', conversations: 40, lastSeenAt: 9000 });
    const [merged] = mergeFindings([stored], [finding({ firstSeenAt: 4000, lastSeenAt: 5000 })]);
    expect(merged).toBe(stored);
  });

  test.each([
    ['seen since', 5000, 'open'],
    ['not seen since', 2000, 'resolved'],
  ])('a resolved one that was %s', (_name, lastSeenAt, state) => {
    const [merged] = mergeFindings([finding({ state: 'resolved' })], [finding({ lastSeenAt })]);
    expect(merged?.state).toBe(state);
  });

  test('a suppressed one stays suppressed, and counts on', () => {
    const stored = finding({ state: 'suppressed' });
    const [merged] = mergeFindings([stored], [finding({ lastSeenAt: 5000, conversations: 4 })]);
    expect(merged).toMatchObject({ state: 'suppressed', conversations: 4 });
  });

  test('a silence that ended is resolved; other findings stay open when they are not seen again', () => {
    const silence = finding({ kind: 'gone-silent', id: findingId('gone-silent', about.key, hash) });
    expect(
      mergeFindings([silence, finding()], [])
        .map(({ kind, state }) => `${kind} ${state}`)
        .sort(),
    ).toEqual(['gone-silent resolved', 'new-edge open']);
  });

  test('what was found before the scan it belongs to could be seen is resolved by the scan', () => {
    const scan = finding({
      kind: 'fan-out',
      id: findingId('fan-out', 'a', hash),
      firstSeenAt: 500,
      lastSeenAt: 9000,
    });
    const [, part] = mergeFindings([finding()], [{ ...scan, severity: 'high' }]);
    expect(part).toMatchObject({ kind: 'new-edge', state: 'resolved' });
    expect(part?.explanation).toMatch(/part of a fan-out/);
    const [, older] = mergeFindings([finding({ firstSeenAt: 100 })], [{ ...scan, severity: 'high' }]);
    expect(older?.state).toBe('open');
  });

  test('what did not change is the same object, so that only changes are stored', () => {
    const stored = finding();
    expect(mergeFindings([stored], [finding()])[0]).toBe(stored);
  });

  test('the most severe comes first, then the newest', () => {
    const ids = ['a', 'b', 'c'].map((text) => findingId('new-edge', text, hash));
    const [a, b, c] = ids;
    if (a === undefined || b === undefined || c === undefined) throw new Error('three ids');
    const findings = [
      finding({ id: a }),
      finding({ id: b, lastSeenAt: 3000 }),
      finding({ id: c, severity: 'high' }),
    ];
    expect(mergeFindings([], findings).map(({ id }) => id)).toEqual([c, b, a]);
  });

  test('a finding reads back as what was written', () => {
    const given = finding({ nearestKnown: 'shop/a => shop/c : TCP 80' });
    expect(decodeFinding(JSON.parse(JSON.stringify(encodeFinding(given))))).toStrictEqual({
      ok: true,
      value: given,
    });
    const unseen = finding({ sample: undefined });
    expect(decodeFinding(JSON.parse(JSON.stringify(encodeFinding(unseen))))).toStrictEqual({
      ok: true,
      value: unseen,
    });
    expect(decodeFinding({ ...given, state: 'gone' })).toMatchObject({ ok: false, error: { at: 'state' } });
  });

  test('the id depends on kind and subject alone', () => {
    expect(findingId('new-edge', 'x', hash)).not.toBe(findingId('new-port', 'x', hash));
    expect(() => findingId('new-edge', 'x', () => '')).toThrow(/hash/);
  });
});
