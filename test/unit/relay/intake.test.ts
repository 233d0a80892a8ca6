import { describe, expect, test } from 'vitest';
import { Intake, type IntakeLimits } from '../../../collector/sources/hubble/relay/intake.ts';

const LIMITS: IntakeLimits = {
  pauseBytes: 100,
  resumeBytes: 20,
  pressureBytes: 50,
  pressureMs: 1000,
  sliceMs: 10,
  drainMs: 100,
};

function intake(costMs = 0) {
  const log: string[] = [];
  const waiting: (() => void)[] = [];
  const clock = { ms: 0 };
  const queue = new Intake(
    {
      take(chunk) {
        clock.ms += costMs;
        log.push(`took ${chunk.length}`);
      },
      pause: () => log.push('pause'),
      resume: () => log.push('resume'),
      later: (work) => waiting.push(work),
      monotonicMs: () => clock.ms,
    },
    LIMITS,
  );
  return { queue, log, clock, turn: () => waiting.shift()?.(), waiting };
}

describe('what is received', () => {
  test('is looked at later, in order', () => {
    const { queue, log, turn } = intake();
    queue.push(Buffer.alloc(3));
    queue.push(Buffer.alloc(4));
    expect(log).toEqual([]);
    turn();
    expect(log).toEqual(['took 3', 'took 4']);
  });

  test('holds the server back when it is too much, and lets it go on when there is room', () => {
    const { queue, log, turn } = intake();
    for (let count = 0; count < 12; count += 1) queue.push(Buffer.alloc(10));
    expect(log).toEqual(['pause']);
    expect(queue.bytes).toBe(120);
    turn();
    expect(log.at(-1)).toBe('resume');
    expect(log.filter((entry) => entry === 'took 10')).toHaveLength(12);
    expect(queue.pauses).toBe(1);
  });

  test('never keeps others waiting for longer than a slice', () => {
    const { queue, log, turn, waiting } = intake(4);
    for (let count = 0; count < 6; count += 1) queue.push(Buffer.alloc(1));
    turn();
    expect(log).toHaveLength(3);
    expect(waiting).toHaveLength(1);
    turn();
    expect(log).toHaveLength(6);
    expect(waiting).toHaveLength(0);
  });

  test('is pressure only when much waits for long: a burst is none', () => {
    const { queue, clock } = intake();
    for (let count = 0; count < 6; count += 1) queue.push(Buffer.alloc(10));
    expect(queue.isUnderPressure).toBe(false);
    clock.ms += 1000;
    expect(queue.isUnderPressure).toBe(true);
    queue.drain();
    expect(queue.isUnderPressure).toBe(false);
  });

  test('is looked at to its end when its stream is over, but not for ever: the rest is dropped', () => {
    const quick = intake(1);
    for (let count = 0; count < 12; count += 1) quick.queue.push(Buffer.alloc(10));
    expect(quick.queue.drain()).toBe(0);
    expect(quick.log.filter((entry) => entry === 'took 10')).toHaveLength(12);

    const slow = intake(60);
    for (let count = 0; count < 12; count += 1) slow.queue.push(Buffer.alloc(10));
    expect(slow.queue.drain()).toBe(100);
    expect(slow.log.filter((entry) => entry === 'took 10')).toHaveLength(2);
    expect(slow.queue.bytes).toBe(0);
  });

  test('can be dropped with the stream it came from', () => {
    const { queue, log, turn } = intake();
    queue.push(Buffer.alloc(10));
    expect(queue.clear()).toBe(10);
    turn();
    expect(log).toEqual([]);
    expect(queue.bytes).toBe(0);
  });
});
