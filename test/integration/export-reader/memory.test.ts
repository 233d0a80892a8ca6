import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { createExportReader } from '../../../collector/sources/hubble/read-export.ts';
import { flowLine } from '../../support/hubble-lines.ts';

const MEBIBYTE = 1024 * 1024;

test('memory does not grow with the number of flows', async () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage: () => void = runInNewContext('gc');
  const used = (): number => {
    collectGarbage();
    return process.memoryUsage().heapUsed;
  };
  const chunk = Buffer.from(
    Array.from({ length: 2000 }, (_, i) => `${flowLine({ uuid: `${i}` })}\n`).join(''),
  );
  const rounds = 100;
  const heap: number[] = [];
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for (let round = 0; round < rounds; round += 1) {
      if (round % 10 === 9) heap.push(used());
      yield chunk;
    }
  }
  const reader = createExportReader([{ path: '-', size: undefined }], { standardInput: chunks() });
  let flows = 0;
  for await (const batch of reader.batches()) flows += batch.records.length;
  expect(flows).toBe(2000 * rounds);
  const [first = 0, ...later] = heap;
  expect(Math.max(...later) - first).toBeLessThan(8 * MEBIBYTE);
});
