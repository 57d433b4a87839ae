// Tests which pattern matches a path, and which paths are redirected.
import { expect, test } from '@jest/globals';
import { parseRequestUri } from '../url';
import { matchMux } from './mux';

const PATTERNS = ['/tree/', '/leaf', '/leaf/inner'];

function matched(method: string, target: string) {
  const url = parseRequestUri(target);
  if (!url) throw new Error(`${target} is not a request target`);
  const match = matchMux(PATTERNS, method, url);
  return match.kind === 'pattern' ? match.pattern : match.kind === 'redirect' ? `-> ${match.location}` : '';
}

test.each([
  ['/tree/', '/tree/'],
  ['/tree/a/b', '/tree/'],
  ['/tree/a%2Fb', '/tree/'],
  ['/%74ree/a', '/tree/'],
  ['/tree%2Fa', ''],
  ['/tree%00/a', ''],
  ['/Tree/a', ''],
  ['/leaf', '/leaf'],
  ['/leaf/', ''],
  ['/leaf/inner', '/leaf/inner'],
  ['/', ''],
  ['/tree', '-> /tree/'],
  ['/tree?x=1', '-> /tree/?x=1'],
  ['//tree', '-> /tree/'],
  ['//tree/a', '-> /tree/a'],
  ['/tree//a?x=%zz', '-> /tree/a?x=%zz'],
  ['/tree/./a', '-> /tree/a'],
  ['/tree/x/../a', '-> /tree/a'],
  ['/tree/a/..', '-> /tree/'],
  ['/tree/a//', '-> /tree/a/'],
  ['/../..', '-> /'],
  ['/tree/%2e%2e/a', '/tree/'],
  ['/nope//x', '-> /nope/x'],
  ['/tree//%2Da', '-> /tree/%252Da'],
])('the target %s has the same pattern or redirect as in Go', (target, outcome) => {
  expect(matched('POST', target)).toBe(outcome);
});

test('CONNECT is not redirected to a clean path', () => {
  expect(matched('CONNECT', '//tree/a')).toBe('');
});
