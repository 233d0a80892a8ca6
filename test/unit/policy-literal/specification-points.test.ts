import { describe, expect, test } from 'vitest';
import { DIRECTION_AND_PEER_POINTS } from './points/directions-and-peers.ts';
import { REMAINING_POINTS } from './points/pods-nodes-and-the-rest.ts';
import { PORT_AND_BLOCK_POINTS } from './points/ports-and-blocks.ts';

const POINTS = [...DIRECTION_AND_PEER_POINTS, ...PORT_AND_BLOCK_POINTS, ...REMAINING_POINTS];

describe('the points of NetworkPolicy semantics that are easily got wrong', () => {
  test('each of the 46 has a test, or a line that says why it is no verdict, exactly once', () => {
    expect(POINTS.map(({ point }) => point)).toEqual(Array.from({ length: 46 }, (_, index) => index + 1));
    for (const point of POINTS) {
      if ('whyNoVerdict' in point) expect(point.whyNoVerdict.length).toBeGreaterThan(30);
    }
  });

  for (const point of POINTS) {
    if ('test' in point) test(`${point.point}: ${point.title}`, point.test);
  }
});
