// Tests JSON and times in the forms in which Go writes them.
import { describe, expect, it } from '@jest/globals';
import { goJson, goJsonIndented, goMap, written } from './json';
import { rfc3339Nano, unixSeconds } from './time';

it.each([
  [{ b: 1, a: undefined, c: [true, null] }, '{"b":1,"c":[true,null]}'],
  [1795434842963587730n, '1795434842963587730'],
  ['a<b>&\u2028"\\\n', '"a\\u003cb\\u003e\\u0026\\u2028\\"\\\\\\n"'],
  [{ 'a&b': written(['x']) }, '{"a\\u0026b":["x"]}'],
  [[], '[]'],
])('the value %p is written as in Go', (value, json) => expect(goJson(value)).toBe(json));

it('maps are sorted by the bytes of their keys, and empty maps are left out', () => {
  expect(goJson({ map: goMap({ ä: '1', b: '2', B: '3' }), empty: goMap({}) })).toBe(
    '{"map":{"B":"3","b":"2","ä":"1"}}',
  );
});

it.each([
  ['1795434856461063225', '2026-11-23T11:54:16.461063225Z'],
  ['1795434842963587730', '2026-11-23T11:54:02.96358773Z'],
  ['1795434842000000000', '2026-11-23T11:54:02Z'],
  ['1', '1970-01-01T00:00:00.000000001Z'],
])('the time %s is written as in Go', (nanoseconds, text) => {
  expect(rfc3339Nano(nanoseconds)).toBe(text);
  expect(unixSeconds(nanoseconds)).toBe(Math.floor(Date.parse(text) / 1000));
});

describe('indented JSON', () => {
  const indented = (value: Parameters<typeof goJsonIndented>[0]) => goJsonIndented(value);

  it.each([
    [{ a: 1, b: [true, null], c: 'x' }],
    [{ empty: {}, none: [], text: '{"a": [1, 2], "b\\\\": ":"}' }],
    [[]],
    [['a', { b: {} }]],
  ])('%j is indented with two spaces', (value) => {
    expect(indented(value)).toBe(JSON.stringify(value, undefined, 2));
  });
});
