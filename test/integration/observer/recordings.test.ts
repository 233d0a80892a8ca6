import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { recordDemo } from '../../../collector/sources/demo/recording.ts';
import { recordedSource } from '../../../collector/sources/hubble/observer/recorded-source.ts';
import { hasRecordings, recording, skippedWithoutRecordings } from '../../support/recordings.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { flowsOf, type Plain } from './observer-client.ts';
import { played, THREE_MINUTES } from './running-observer.ts';

const uuidsOf = (messages: readonly Plain[]) => flowsOf(messages).map((flow) => String(flow['uuid']));

describe('a recorded export, served again', () => {
  const lines = [...recordDemo(THREE_MINUTES).lines].map(({ line }) => line);
  const write = (text: string): string => {
    const path = join(tempFolder(), 'events.log');
    writeFileSync(path, text);
    return path;
  };

  test('comes flow for flow, in its order, with its nodes and namespaces', async () => {
    const problems: string[] = [];
    const source = recordedSource({
      inputs: [write(`${lines.join('\n')}\nno record\n`)],
      onProblem: (sentence) => problems.push(sentence),
    });
    const { client, observer } = await played({ source });
    const wanted = lines.flatMap((line) => /"uuid":"([^"]+)"/.exec(line)?.[1] ?? []);
    expect(uuidsOf(await client.all({}))).toEqual(wanted);
    expect(observer.tally().unservable).toBe(0);
    expect(problems).toEqual(['pieces of text that hold no record and are not served: 1.']);
    const { nodes } = await client.observe('GetNodes');
    expect(nodes).toHaveLength(3);
  });

  test('may be moved in time, each flow by as much', async () => {
    const shiftTo = 1_800_000_000_000;
    const source = recordedSource({ inputs: [write(lines.join('\n'))], shiftTo, onProblem: () => undefined });
    const { client } = await played({ source });
    const messages = (await client.all({})).filter(({ flow }) => flow !== undefined);
    const seconds = messages.map((message) => Number((message['time'] as Plain)['seconds']));
    expect(seconds[0]).toBeGreaterThanOrEqual(1_800_000_000);
    expect(seconds.at(-1)).toBeLessThan(1_800_000_181);
    for (const { flow, time } of messages) expect((flow as Plain)['time']).toEqual(time);
  });

  test('flows without anything around them, and those in the other spelling, are served too', async () => {
    const bare = {
      time: '2026-03-02T08:00:00Z',
      uuid: 'bare',
      verdict: 'FORWARDED',
      IP: { source: '10.0.0.1' },
    };
    const camel = { flow: { time: '2026-03-02T08:00:01Z', uuid: 'camel', nodeName: 'n1', isReply: true } };
    const source = recordedSource({
      inputs: [write(`${JSON.stringify(bare)}\n${JSON.stringify(camel)}\n`)],
      onProblem: () => undefined,
    });
    const { client } = await played({ source });
    const messages = await client.all({});
    expect(uuidsOf(messages)).toEqual(['bare', 'camel']);
    expect(messages.at(-1)).toMatchObject({ node_name: 'n1', flow: { is_reply: { value: true } } });
  });

  test('an input that is not there is told of, and the server serves nothing', async () => {
    const problems: string[] = [];
    const source = recordedSource({
      inputs: ['/nowhere/events.log'],
      onProblem: (said) => problems.push(said),
    });
    const { client } = await played({ source });
    expect(await client.all({})).toEqual([]);
    expect(problems).toHaveLength(1);
  });
});

describe.skipIf(!hasRecordings)(`real recordings${skippedWithoutRecordings}`, () => {
  test.each([
    'hubble-otel-basic-sample-400-tcp-flows.jsonl',
    'hubble-otel-basic-sample-400-l7-redirected-flows.jsonl',
    'denied-egress-masked.jsonl',
    'cilium-docs-and-tests.jsonl',
  ])('%s is served as far as it holds flows', async (name) => {
    const path = recording('flows', 'hubble', name);
    const source = recordedSource({ inputs: [path], onProblem: () => undefined });
    const { client, observer } = await played({ source });
    const flows = flowsOf(await client.all({}));
    expect(flows.length).toBe(observer.tally().seenFlows);
    expect(flows.length).toBeGreaterThan(0);
    const lineCount = readFileSync(path, 'utf8').trim().split('\n').length;
    expect(flows.length + observer.tally().unservable).toBeLessThanOrEqual(lineCount);
    expect(observer.tally().unservable / lineCount).toBeLessThan(0.05);
  });
});
