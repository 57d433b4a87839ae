// Tests that texts that would keep a parser busy for minutes are refused at once, and that repeated keys are found
// among many keys.
import { expect, test } from '@jest/globals';
import { parseYaml, parseYamlDocuments, yamlFault } from './yaml-text';

function fault(text: string): string | undefined {
  const { document, lines } = parseYaml(text);
  const found = yamlFault(document);
  return found && `${lines.linePos(found.at).line}: ${found.says}`;
}

const keys = (count: number) => Array.from({ length: count }, (_, n) => `k${n}: 1\n`).join('');

test.each([
  ['brackets', `a: 1\nb: ${'['.repeat(100_000)}`, '2: the text is nested too deeply: nest at most 200 lists and maps'],
  ['maps in brackets', '{a: '.repeat(100_000), '1: the text is nested too deeply: nest at most 200 lists and maps'],
  ['markers of lists', `${'- '.repeat(100_000)}x`, '1: the text is nested too deeply: nest at most 200 lists and maps'],
  ['markers of keys', `${'? '.repeat(100_000)}x`, '1: the text is nested too deeply: nest at most 200 lists and maps'],
  [
    'indentation',
    Array.from({ length: 1000 }, (_, n) => `${' '.repeat(n)}a:`).join('\n'),
    '201: the text is nested too deeply: nest at most 200 lists and maps',
  ],
  ['a long text', `a: ${'x'.repeat(1024 * 1024)}`, '1: the text has 1048579 bytes: give at most 1048576 bytes'],
  ['a repeated key among many', `${keys(60_000)}k7: 2`, '60001: the key k7 is repeated in its mapping: keep one'],
  ['a repeated key in a list', 'a:\n- {b: 1, c: 2, b: 3}', '2: the key b is repeated in its mapping: keep one'],
  ['two documents', 'a: 1\n---\nb: 2\n', '2: the text has several documents: give one'],
])('%s: an error', (_, text, says) => {
  expect(fault(text)).toBe(says);
});

test.each([
  ['many keys', keys(60_000)],
  ['a deep text', `${'- '.repeat(150)}x`],
  ['many lists at one level', '- [[1]]\n'.repeat(1000)],
  ['nothing', ''],
])('%s: no error', (_, text) => {
  expect(fault(text)).toBeUndefined();
});

test('the last value of a key counts where keys may be repeated', () => {
  const { document } = parseYaml('a: 1\na: 2\n', { repeatedKeys: true });
  expect([yamlFault(document), document.toJS()]).toEqual([undefined, { a: 2 }]);
  expect(parseYamlDocuments('a: 1\n---\na: 1\na: 3\n').documents.map((one) => one.toJS())).toEqual([
    { a: 1 },
    { a: 3 },
  ]);
});
