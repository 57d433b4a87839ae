// Tests that routes are chosen by path segments, then by method, then by content type.
import { expect, test } from '@jest/globals';
import { chooseRoute, type Route } from './restful';

const ROUTES: readonly Route<string>[] = [
  { method: 'POST', template: '/thing/{a}/{b}', produces: ['application/json'], handler: 'made' },
  { method: 'GET', template: '/thing', produces: ['application/json'], handler: 'listed' },
];

const choose = (method: string, path: string, accept?: string) => chooseRoute(ROUTES, { method, path, accept });

test.each([
  ['/thing/x/y', ['x', 'y']],
  ['/thing/x/y/', ['x', 'y']],
  ['/thing/x/y//', ['x', 'y']],
  ['/thing//y', ['', 'y']],
  ['/thing/x/é', ['x', 'é']],
])('the path %s matches the route', (path, parameters) => {
  expect(choose('POST', path)).toEqual({ kind: 'route', handler: 'made', parameters });
});

test.each(['/thing/x', '/thing/x/y/z', '/other/x/y', '/thing/x//y'])('the path %s matches no route', (path) => {
  expect(choose('POST', path)).toEqual({ kind: 'no-path' });
});

test.each(['GET', 'PUT', 'post', 'FOO'])('the method %s is not a method of the route', (method) => {
  expect(choose(method, '/thing/x/y', 'text/html')).toEqual({ kind: 'no-method', allowed: ['POST'] });
});

test.each([
  [undefined, true],
  ['', true],
  ['*/*', true],
  ['application/json', true],
  ['text/html, application/json;q=0.1', true],
  ['text/html,*/*;q=0', true],
  ['application/*', false],
  ['Application/JSON', false],
  ['application/json+x', false],
  [',', false],
])('the header Accept: %j allows or refuses JSON as in go-restful', (accept, isAccepted) => {
  expect(choose('POST', '/thing/x/y', accept).kind).toBe(isAccepted ? 'route' : 'not-acceptable');
});
