// Which packed answers are sent by their names alone.
import { gzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { isName, isPacked, namedIfHeld, nameOf, namesText } from './held-answers';

const [list, other] = ['a list', 'a list with another state'].map((text) => gzipSync(text)) as [Buffer, Buffer];

test('one that is held is sent by its name, any other one whole', () => {
  const held = namesText([nameOf(other), nameOf(list)]);
  expect(namedIfHeld(list, held)).toEqual(nameOf(list));
  expect(namedIfHeld(list, namesText([nameOf(other)]))).toBe(list);
  expect(namedIfHeld(list, '')).toBe(list);
});

test('a name is not mistaken for an answer, nor an answer for a name', () => {
  expect([list, nameOf(list), Buffer.from([10, 2, 104, 105])].map(isPacked)).toEqual([true, true, false]);
  expect([list, nameOf(list), Buffer.from([10, 2, 104, 105])].map(isName)).toEqual([false, true, false]);
});
