// Tests that the HTML page contains the whole report, loads nothing, and shows texts of a target as text.
import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { HOSTILE, RESULTS, sampleReport } from '../testing/sample-report';
import { escaped } from './markup';
import { htmlPage } from './page';

const page = htmlPage(sampleReport());
const only = (tag: string) =>
  [...page.matchAll(new RegExp(`<${tag}>(.*?)</${tag}>`, 'gs'))].map(([, text = '']) => text);

test('contains every rule with its source, expectation, exchange and repeat command', () => {
  for (const { id, source, exchanges = [], repeat = '', violation } of RESULTS) {
    expect(page).toContain(`id="rule:${id}"`);
    const shown = source.link.startsWith('https:') ? `<a href="${source.link}"` : `(<code>${source.link}</code>)`;
    expect(page).toContain(shown);
    for (const text of [repeat, violation?.expected ?? '', violation?.actual ?? ''])
      expect(page).toContain(escaped(text));
    for (const { sent } of exchanges) expect(page).toContain(`>${escaped(sent)}</pre>`);
    for (const { came } of exchanges) expect(page).toContain(`>${escaped(came)}</pre>`);
  }
});

test('contains one script and one style sheet, which its policy allows by their hashes', () => {
  const [policy = ''] = /(?<=Content-Security-Policy" content=")[^"]*/.exec(page) ?? [];
  const hash = (text = '') => `&#39;sha256-${createHash('sha256').update(text).digest('base64')}&#39;`;
  expect([only('script').length, only('style').length]).toEqual([1, 1]);
  expect(policy.split('; ')).toEqual([
    'default-src &#39;none&#39;',
    `style-src ${hash(only('style')[0])}`,
    `script-src ${hash(only('script')[0])}`,
    'img-src data:',
    'base-uri &#39;none&#39;',
    'form-action &#39;none&#39;',
  ]);
});

test('loads nothing', () => {
  expect(page.match(/<[a-z]+ [^<>]*src=/g)).toBe(null);
  expect([...page.matchAll(/<link [^>]*href="([^"]*)"/g)].map(([, href]) => href?.slice(0, 5))).toEqual(['data:']);
  expect(page.match(/@import|url\(/)).toBe(null);
});

test('shows texts of a target as text', () => {
  expect(HOSTILE).toContain('<img');
  expect(page).not.toContain('<img');
  expect(page).toContain('&lt;img src=&quot;https://example.invalid/x&quot;');
});

test('a source with a script URL is not linked', () => {
  const [first] = RESULTS;
  if (!first) throw new Error('there are no results');
  const source = { document: 'a page', id: 'D1', link: 'javascript:alert(1)' };
  expect(htmlPage(sampleReport([{ ...first, source }]))).not.toContain('href="javascript:');
});

test('lists what users lose with links to the rules, and repeated checkpoints', () => {
  const [, failing] = RESULTS;
  if (!failing) throw new Error('there are no results');
  const report = sampleReport([{ ...failing, level: 'hardening', harm: 'frozen' }]);
  const text = htmlPage({ ...report, run: { ...report.run, dumps: { tried: 3, failed: 1 } } });
  expect(text).toMatch(
    /<li>containers stay frozen[^<]*: <a href="#rule:kubelet\/status-codes\/unknown-pod-is-404">status-codes\/unknown-/,
  );
  expect(text).toContain('checkpoints: 1 of 3 failed');
  expect(text).toContain('Broken rule: A pod that cannot be found');
});
