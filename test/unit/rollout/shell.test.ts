import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { applyCommand, deleteCommands, shellWord } from '#core/policy/rollout/shell.ts';
import { HOSTILE_STRINGS } from '../../support/hostile-strings.ts';

describe('a word for the shell', () => {
  test.each(['shop/cart-deployment.yaml', 'cart-b2ca43f0', 'a_b.c:d@e%f+g,h'])(
    'is left alone: %s',
    (word) => {
      expect(shellWord(word)).toBe(word);
    },
  );

  test('means itself, whatever it holds', () => {
    const words = [
      ...HOSTILE_STRINGS,
      "it's",
      '$(touch x)',
      '`id`',
      'a b',
      '',
      '-rf',
      '*',
      '~',
      'a\nb',
    ].filter((word) => !word.includes('\0'));
    for (const word of words) {
      const said = execFileSync('/bin/sh', ['-c', `printf %s ${shellWord(word)}`], { encoding: 'utf8' });
      expect(said).toBe(Buffer.from(word).toString('utf8'));
    }
  });
});

describe('commands', () => {
  test('stay on one line for one argument, and have a line each for more', () => {
    expect(applyCommand(['shop/web.yaml'])).toBe('kubectl apply -f shop/web.yaml');
    expect(applyCommand(['shop/web.yaml', 'it is.yaml'])).toBe(
      "kubectl apply \\\n  -f shop/web.yaml \\\n  -f 'it is.yaml'",
    );
  });

  test('delete by name, namespace by namespace', () => {
    const policies = [
      { namespace: 'shop', name: 'web-1' },
      { namespace: 'data', name: 'db-1' },
      { namespace: 'shop', name: 'cart-1' },
    ];
    expect(deleteCommands('networkpolicy', policies)).toEqual([
      'kubectl delete networkpolicy --ignore-not-found --namespace data db-1',
      'kubectl delete networkpolicy --ignore-not-found --namespace shop \\\n  cart-1 \\\n  web-1',
    ]);
  });
});
