// Tests that no secret is shown, whatever field contains it, and that the other text is still shown.
import { describe, expect, test } from '@jest/globals';
import { criApi } from '../../specs/catalogue/sources';
import { redacted, redactedResult, redactedTarget } from './redact';
import { withoutEnvironments } from './redact-environments';
import type { Result } from './results';

const SECRET = 'hunter2-planted';
const status = { info: { envs: [{ key: 'HOME', value: SECRET }], args: ['/bin/sh'] } };
const spec = { process: { env: ['PATH=/bin', `PASSWORD=a]"b\\${SECRET}`, 'EMPTY='], cwd: '/work' } };
/** JSON nested in two levels of JSON strings, as in verbose responses of runtimes. */
const nested = [spec, status].flatMap((value) => [
  JSON.stringify(value),
  JSON.stringify({ info: JSON.stringify(value) }),
  JSON.stringify({ info: JSON.stringify({ config: JSON.stringify(value) }) }),
]);

describe('an environment', () => {
  test.each(nested)('the names of variables and the text around them stay: %s', (text) => {
    const safe = withoutEnvironments(text);
    expect(safe).not.toContain(SECRET);
    expect(safe).toMatch(/PATH=\(not shown\), PASSWORD=\(not shown\), EMPTY=\(not shown\)\]|HOME=\(not shown\)\]/);
    expect(safe).toMatch(/\/work|\/bin\/sh/);
  });

  test.each(nested)('no value is shown wherever the text is cut: %s', (text) => {
    for (let length = 1; length <= text.length; length++)
      expect(withoutEnvironments(text.slice(0, length))).not.toMatch(/hunter|=\/bin/);
  });
});

const PLANTED: readonly string[] = [
  `Authorization: Bearer ${SECRET}`,
  `authorization=${SECRET}`,
  `{"Authorization":"Basic ${SECRET}"}`,
  `Set-Cookie: session=${SECRET}; Path=/`,
  `with bearer ${SECRET} it works`,
  `-----BEGIN RSA PRIVATE KEY-----\n${SECRET}\n-----END RSA PRIVATE KEY-----`,
  `-----BEGIN PRIVATE KEY-----\n${SECRET}`,
  `https://admin:${SECRET}@127.0.0.1:10250/pods`,
  `/checkpoint/a/b/c?timeout=1&token=${SECRET}`,
  `npx ckptest run --token ${SECRET} --focus x`,
  `npx ckptest run --token='${SECRET} two' --focus x`,
  `memory holds ckptest-canary-${SECRET}`,
  ...nested,
];

test.each(PLANTED)('no field shows the secret of %s', (secret) => {
  const text = `before ${secret} after`;
  const result: Result = {
    id: 'a/b',
    title: 'A rule',
    level: 'contract',
    strength: 'must',
    source: criApi('Version'),
    status: 'fail',
    reason: text,
    violation: { label: text, expected: text, actual: text },
    exchanges: [{ wire: 'HTTP', sent: text, came: text }],
    repeat: text,
    durationMs: 1,
  };
  const safe = redactedResult(result);
  expect(JSON.stringify(safe)).not.toContain(SECRET);
  expect(safe.exchanges?.[0]?.sent).toMatch(/^before /);
  const target = redactedTarget({ kubelet: text, runtime: text, lacks: { files: text } });
  expect(JSON.stringify(target)).not.toContain(SECRET);
});

test('a token of three parts is removed wherever it occurs', () => {
  expect(redacted('eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln is wrong')).toBe('(not shown) is wrong');
});

test('redacting twice changes nothing, nor does redacting a text without secrets', () => {
  for (const text of [
    ...PLANTED,
    'x'.repeat(10_000),
    'POST /checkpoint/a/b/c?timeout=1 (with a wrong token)',
    '{"envs":[]}',
    'Bearer token',
  ])
    expect(redacted(redacted(text))).toBe(redacted(text));
  expect(redacted('needs a bearer token; authorization mode Webhook')).toBe(
    'needs a bearer token; authorization mode Webhook',
  );
});

test('a sentence about --token stays, and a command with --token still works without the token', () => {
  expect(redacted('--token and --token-file: give one of the two')).toBe(
    '--token and --token-file: give one of the two',
  );
  expect(redacted("npx ckptest run --token 'a b' --token-file c --token=d")).toBe(
    'npx ckptest run --token "$TOKEN" --token-file c --token="$TOKEN"',
  );
});

test('characters that would control a terminal or a page are escaped', () => {
  expect(redacted('a\u001b[31mred\u0000\u202etxt\ud800\n\tb')).toBe('a\\u001b[31mred\\u0000\\u202etxt\\ud800\n\tb');
});

test('long texts and long lists of exchanges are cut', () => {
  const exchanges = Array.from({ length: 100 }, (_, index) => ({
    wire: 'CRI' as const,
    sent: `Version ${index}`,
    came: 'x'.repeat(1_000_000),
  }));
  const { exchanges: kept = [] } = redactedResult({
    id: 'a/b',
    title: 'A rule',
    level: 'contract',
    strength: 'must',
    source: criApi('Version'),
    status: 'pass',
    exchanges,
    durationMs: 1,
  });
  expect(kept.map(({ sent }) => sent)).toEqual([
    ...Array.from({ length: 10 }, (_, index) => `Version ${index}`),
    '(60 exchanges are omitted here)',
    ...Array.from({ length: 30 }, (_, index) => `Version ${index + 70}`),
  ]);
  expect(kept[0]?.came).toMatch(/^x{4000}\.\.\. \(1000000 characters\)$/);
});

test.each([
  ['addresses', `//${'a:'.repeat(1_000_000)}`],
  ['backslashes', `${'\\'.repeat(1_000_000)}"env":["A=b"]`],
  ['half tokens', 'Bearer '.repeat(200_000)],
  ['half keys', '-----BEGIN '.repeat(100_000)],
  ['open environments', '"env":["'.repeat(200_000)],
  ['half web tokens', 'eyJ'.repeat(400_000)],
])('a text built to make the patterns slow is still redacted: %s', (_, text) => {
  expect(redacted(text)).toMatch(/\.\.\. \(\d{7} characters\)$/);
});
