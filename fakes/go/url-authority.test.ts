// Tests which hosts, ports and users Go accepts in a URL.
import { expect, test } from '@jest/globals';
import { isAuthority } from './url-authority';

test.each([
  '',
  'host',
  'host:1',
  'host:',
  'a%C3%A9',
  'user:pw@host',
  'a@b@host',
  '[::1]',
  '[::1]:80',
  '[fe80::1%25eth0]',
  'a<b>',
])('http://%s is accepted', (authority) => {
  expect(isAuthority(authority, 'http')).toBe(true);
});

test.each([
  'host:x',
  'host:1:2',
  'a[b]',
  '[::1',
  '[::1]x',
  'a b',
  'a{b',
  'a%41',
  'a%2',
  'u%zz@host',
  'u[@host',
  'a\\b',
])('http://%s is refused', (authority) => {
  expect(isAuthority(authority, 'http')).toBe(false);
});

test('hosts of other schemes may have more colons', () => {
  expect(isAuthority('a:b:1', 'x')).toBe(true);
});
