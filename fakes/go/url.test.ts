// Tests request targets and queries as Go's net/url parses them.
import { describe, expect, test } from '@jest/globals';
import { decodeText, encodeText } from './text';
import { parseRequestUri, queryValues } from './url';

describe('request targets', () => {
  test.each([
    ['/a/b', { path: '/a/b', escapedPath: '/a/b', rawQuery: '' }],
    ['/a%2Fb?x=%zz', { path: '/a/b', escapedPath: '/a%2Fb', rawQuery: 'x=%zz' }],
    ['/a#f', { path: '/a#f', escapedPath: '/a%23f', rawQuery: '' }],
    ['//a/b', { path: '//a/b', escapedPath: '//a/b', rawQuery: '' }],
    ['https://host:1/a?', { path: '/a', escapedPath: '/a', rawQuery: '' }],
    ['http://host', { path: '', escapedPath: '', rawQuery: '' }],
    ['/%C3%A9', { path: '/é', escapedPath: '/%C3%A9', rawQuery: '' }],
    ['/a+b', { path: '/a+b', escapedPath: '/a+b', rawQuery: '' }],
    ['*', { path: '*', escapedPath: '*', rawQuery: '' }],
  ])('the target %s is parsed as in Go', (target, parsed) => {
    expect(parseRequestUri(target)).toEqual(parsed);
  });

  test.each(['', 'a/b', '/%zz', '/%2', '/\x01', '?x', 'https://h{}/'])('the target %j is refused', (target) => {
    expect(parseRequestUri(target)).toBeUndefined();
  });
});

test.each([
  ['timeout=1&timeout=2', ['1', '2']],
  ['Timeout=1', []],
  ['%74imeout=%2B5', ['+5']],
  ['timeout=+5', [' 5']],
  ['timeout', ['']],
  ['timeout=', ['']],
  ['timeout=1;timeout=2', []],
  ['timeout=%zz&timeout=3', ['3']],
  ['&&timeout=a=b', ['a=b']],
])('the query %s has the same values as in Go', (query, values) => {
  expect(queryValues(query, 'timeout')).toEqual(values);
});

test.each([[[0xff]], [[0x61, 0xc3, 0x28]], [[0xed, 0xa0, 0x80]], [[0xf0, 0x9f, 0x98, 0x80, 0x80]], [[0xc3, 0xa9]]])(
  'the bytes %j are the same after decoding and encoding',
  (bytes) => {
    expect([...encodeText(decodeText(Buffer.from(bytes)))]).toEqual(bytes);
  },
);
