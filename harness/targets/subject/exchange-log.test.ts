// Tests that an exchange in a report shows what is needed to judge it, and no credentials.
import { expect, test } from '@jest/globals';
import { answerText, ExchangeLog, requestText } from './exchange-log';

test('the headers of a request are shown, but not the values of credentials', () => {
  expect(requestText('GET /pods (without credentials)', { Accept: 'text/plain', Authorization: 'Bearer abc' })).toBe(
    'GET /pods (without credentials)\naccept: text/plain\nauthorization: (not shown)',
  );
});

test('headers are shown below a body of any length', () => {
  const headers = { allow: 'POST', date: 'Mon, 23 Nov 2026 17:00:00 GMT', 'set-cookie': 'a=b' };
  expect(answerText({ status: 405, headers, body: '405: Method Not Allowed\n', milliseconds: 1 })).toBe(
    '405 405: Method Not Allowed\nallow: POST\nset-cookie: (not shown)',
  );
  const log = new ExchangeLog();
  log.http('GET /metrics')(answerText({ status: 200, headers, body: 'x'.repeat(100_000), milliseconds: 1 }));
  expect(log.exchanges[0]?.came).toMatch(/^200 x{1500}\.\.\. \(100000 characters\)\nallow: POST\n/);
});

test('CRI calls show the size of bytes and the names of environment variables, not their values', () => {
  const log = new ExchangeLog();
  const secret = { key: 'A', value: Buffer.from('secret') };
  log.cri('ExecSync', { config: { args: ['sh'], envs: [secret] } })({
    ok: true,
    response: { stdout: Buffer.from('secret') },
  });
  expect(log.exchanges).toEqual([
    {
      wire: 'CRI',
      sent: 'ExecSync {"config":{"args":["sh"],"envs":[{"key":"A","value":"(not shown)"}]}}',
      came: '{"ok":true,"response":{"stdout":"(6 bytes)"}}',
    },
  ]);
});
