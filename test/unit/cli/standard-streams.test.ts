import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { openStreamTerminal } from '../../../server/cli/standard-streams.ts';

function stream(failure?: string): Writable & { readonly text: string } {
  const chunks: string[] = [];
  const writable = new Writable({
    write: (chunk, _encoding, done) => {
      chunks.push(String(chunk));
      done(failure === undefined ? null : Object.assign(new Error(`write ${failure}`), { code: failure }));
    },
  });
  return Object.defineProperty(writable, 'text', { get: () => chunks.join('') }) as Writable & {
    readonly text: string;
  };
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function written(stdout: Writable, stderr: Writable) {
  const codes: number[] = [];
  const { terminal, settle } = openStreamTerminal({ stdout, stderr }, (code) => codes.push(code));
  terminal.out('result\n');
  terminal.err('remark\n');
  await nextTurn();
  return { codes, settle };
}

test('an exit code stands when everything was written', async () => {
  const { codes, settle } = await written(stream(), stream());
  expect({ codes, code: settle(1) }).toEqual({ codes: [], code: 1 });
});

test('a closed pipe is no failure, on either stream', async () => {
  const stderr = stream();
  const output = await written(stream('EPIPE'), stderr);
  expect({ codes: output.codes, code: output.settle(1), err: stderr.text }).toEqual({
    codes: [],
    code: 1,
    err: 'remark\n',
  });
  const remarks = await written(stream(), stream('EPIPE'));
  expect({ codes: remarks.codes, code: remarks.settle(0) }).toEqual({ codes: [], code: 0 });
});

test('output that could not be written is exit code 2, whatever the command decided, and said once', async () => {
  const stderr = stream();
  const { codes, settle } = await written(stream('ENOSPC'), stderr);
  expect({ codes, code: settle(0) }).toEqual({ codes: [2], code: 2 });
  expect(stderr.text.match(/standard output could not be written/g)).toHaveLength(1);
});

test('remarks that could not be written are exit code 2 too', async () => {
  const { codes, settle } = await written(stream(), stream('EIO'));
  expect({ codes, code: settle(0) }).toEqual({ codes: [2], code: 2 });
});
