import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { lint } from '#core/policy/lint/lint.ts';
import { KUBERNETES_PROFILE } from '#core/policy/literal/profiles.ts';
import { clusterFromTexts } from '../../../server/adapters/manifests/read-cluster.ts';
import { hasRecordings, recording, skippedWithoutRecordings } from '../../support/recordings.ts';

interface Transcript {
  readonly request: { readonly body: unknown };
  readonly response: {
    readonly body: {
      readonly message: string;
      readonly details?: {
        readonly causes?: readonly { readonly message: string; readonly field: string }[];
      };
    };
  };
}

const read = (name: string): Transcript =>
  JSON.parse(
    readFileSync(recording('kube-apiserver-transcripts/v1.36.2', `${name}.json`), 'utf8'),
  ) as Transcript;

/** What lint says of the body that the API server was sent. */
function saidOf(body: unknown) {
  const { model, problems } = clusterFromTexts([{ file: 'all.json', text: JSON.stringify(body) }]);
  return lint({ model, problems, profile: KUBERNETES_PROFILE, voices: new Map(), onlySeen: new Set() })
    .findings;
}

describe.skipIf(!hasRecordings)(`lint and a recorded API server${skippedWithoutRecordings}`, () => {
  test.each([
    '18-create-dryrun-badport-422',
    '19-create-badcidr-422',
    '20-create-ipblock-and-selector-422',
    '21-create-badproto-422',
    '22-create-endport-422',
    '23-create-badlabel-422',
    '24-create-emptypeer-422',
    '26-create-badname-422',
  ])('say the same of the same field (%s)', (name) => {
    const { request, response } = read(name);
    const [cause] = response.body.details?.causes ?? [];
    const refused = saidOf(request.body).filter(({ rule }) => rule === 'api-refused');
    expect(refused).toHaveLength(1);
    const [{ field, what } = { field: '', what: '' }] = refused;
    expect(field.startsWith(cause?.field ?? '?')).toBe(true);
    expect(cause?.message).toContain(what.replace('the API server: ', ''));
  });

  test.each([
    [
      '16-create-dryrun-strict-unknown',
      'unknown-field',
      'strict decoding error: unknown field "spec.ingresss"',
    ],
    [
      '25-create-wrongtype-400',
      'api-refused',
      'cannot be handled as a NetworkPolicy: json: cannot unmarshal string into',
    ],
  ])('both refuse %s', (name, rule, words) => {
    const { request, response } = read(name);
    expect(response.body.message).toContain(words);
    const found = saidOf(request.body).filter((each) => each.rule === rule);
    expect(found.map(({ what }) => what).join()).toContain(words);
  });

  test('what it takes is refused by neither', () => {
    const { request } = read('31-create');
    expect(saidOf(request.body).filter(({ severity }) => severity === 'error')).toEqual([]);
  });
});
