import { sortedText } from '#core/order.ts';

const HARMLESS = /^[A-Za-z0-9_./:@%+,-]+$/;

/** One argument for a POSIX shell (IEEE 1003.1, 2.2.2): bare when it is harmless, else in single quotes. */
export const shellWord = (text: string): string =>
  HARMLESS.test(text) && !text.startsWith('-') ? text : `'${text.replaceAll("'", "'\\''")}'`;

/** A command with one argument a line, so that a long one can be read and its diff too. */
const commandOf = (head: string, words: readonly string[]): string =>
  words.length < 2 ? [head, ...words].join(' ') : [head, ...words.map((word) => `  ${word}`)].join(' \\\n');

/** A path that no tool takes for an option. */
const pathWord = (file: string): string => shellWord(file.startsWith('-') ? `./${file}` : file);

/** Applies these files, in this order. */
export const applyCommand = (files: readonly string[]): string =>
  commandOf(
    'kubectl apply',
    files.map((file) => `-f ${pathWord(file)}`),
  );

/** Names what is deleted instead of the files, which may have changed since. */
export function deleteCommands(
  kind: string,
  policies: readonly { readonly namespace: string; readonly name: string }[],
): readonly string[] {
  return sortedText(new Set(policies.map(({ namespace }) => namespace))).map((namespace) => {
    const names = sortedText(policies.filter((each) => each.namespace === namespace).map(({ name }) => name));
    const head = `kubectl delete ${kind} --ignore-not-found --namespace ${shellWord(namespace)}`;
    return commandOf(head, names.map(shellWord));
  });
}
