// Tests that the Markdown report is complete, and that no text of a target becomes markup, a link or a mention.
import { expect, test } from '@jest/globals';
import { markdown } from './markdown';
import { RESULTS, sampleReport } from './testing/sample-report';

const text = markdown(sampleReport());
const FENCED = /^(`{3,})text\n.*?\n\1$/gms;

test('lists every rule that ran, and everything about a failure', () => {
  for (const { id, status } of RESULTS) {
    const name = status === 'pass' ? id.slice(id.lastIndexOf('/') + 1) : id;
    expect([id, text.includes(name)]).toEqual([id, status !== 'skipped']);
  }
  for (const part of [
    /^## ckptest: 1 of 4 rules fails, 1 known failure, 1 rule could not be judged$/m,
    /^\| documented \| must \| 1 \| 0 \| 1 \| 0 \| 0 \| 1 \|$/m,
    /^- \*\*Expected\*\* <code>HTTP 404<\/code> \(<code>status<\/code>\)$/m,
    /\[Kubelet Checkpoint API, D26\]\(https:\/\/kubernetes\.io\//,
    /attempts: fail, pass, fail$/m,
    /seed 7, 3 times each, 2 at a time/,
  ])
    expect(text).toMatch(part);
});

test('counts the statuses in each group', () => {
  const [, rows = ''] = /^\| group \|.*\n\|[- |]*\n((?:\|.*\n)+)/m.exec(text) ?? [];
  const counts = rows
    .trim()
    .split('\n')
    .map((row) =>
      row
        .replaceAll(/<.*?>/g, '')
        .match(/(?<=\| )\d+(?= \|)/g)
        ?.join(),
    );
  expect(counts).toEqual(Array.from({ length: 5 }, () => '1'));
});

test('contains no markup from a target outside of code blocks', () => {
  const outside = text.replaceAll(FENCED, '');
  expect(text.match(FENCED)).toHaveLength(4);
  expect(outside.match(/<(?!\/?(?:code|details|summary)>)/)).toBe(null);
  expect(outside.replaceAll(/<code>.*?<\/code>/g, '')).not.toMatch(/@everyone|#1 |`/);
  expect(outside.match(/\]\((?!https:\/\/(kubernetes\.io|github\.com)\/)/)).toBe(null);
});

test('an escaped character is not escaped again', () => {
  expect(text).toContain('&#58;');
  expect(text).not.toContain('&#&#');
});

test('every row of a table has as many cells as its head', () => {
  const cells = (line: string) => line.split('|').length;
  const tables = text.match(/(?:^\|.*\n)+/gm) ?? [];
  expect(tables.length).toBeGreaterThan(3);
  for (const table of tables) expect(new Set(table.trim().split('\n').map(cells)).size).toBe(1);
});
