import { assertionText } from '../app/policy-questions/answers/assertion-words.ts';
import { type AssertShown, violationText } from './assert-format.ts';
import { printable } from './terminal.ts';

/** Text in XML, whoever wrote it: printable first, since XML 1.0 has no place for most control characters. */
function xml(text: string): string {
  let safe = '';
  for (const character of printable(text)) {
    const code = character.codePointAt(0) ?? 0;
    const isPlain = code >= 0x20 && code < 0x7f && !'&<>"\''.includes(character);
    if (isPlain) safe += character;
    // The two code points that are no characters anywhere in XML (XML 1.0 §2.2).
    else
      safe += code === 0xfffe || code === 0xffff ? `\\u{${code.toString(16)}}` : `&#x${code.toString(16)};`;
  }
  return safe;
}

const xmlLines = (text: string): string => text.split('\n').map(xml).join('\n');

/** The answer as JUnit's XML, which continuous integration shows as tests: one case for each assertion. */
export function assertJunit(shown: AssertShown): string {
  const { answers, file } = shown;
  const failures = answers.filter(({ verdict }) => verdict !== 'holds').length;
  const cases = answers.flatMap((answer) => {
    const { assertion, verdict } = answer;
    const open = `    <testcase classname="${xml(file)}" name="${xml(`${assertion.id}: ${assertionText(assertion)}`)}"`;
    if (verdict === 'holds') return [`${open}/>`];
    const message = `${verdict} (${assertion.severity})`;
    return [
      `${open}>`,
      `      <failure type="${xml(assertion.severity)}" message="${xml(message)}">${xmlLines(violationText(answer, shown))}</failure>`,
      '    </testcase>',
    ];
  });
  return `${[
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites tests="${answers.length}" failures="${failures}">`,
    `  <testsuite name="bulkhead assert" tests="${answers.length}" failures="${failures}">`,
    ...cases,
    '  </testsuite>',
    '</testsuites>',
  ].join('\n')}\n`;
}
