// Tests that a report is parsed, and that an invalid report is rejected with an error message that names the defect.
import { expect, test } from '@jest/globals';
import { parseReport } from './report';

test('a report is read as far as it is used', () => {
  const text = JSON.stringify({ schema: 's', results: [{ id: 'a', status: 'fail', reason: 'r', durationMs: 3 }] });
  expect(parseReport(text)).toEqual({ results: [{ id: 'a', status: 'fail', reason: 'r' }] });
});

test.each([
  ['', /not JSON/],
  ['[]', /not a JSON object/],
  ['{"results":{}}', /list of results/],
  ['{"results":[{"status":"pass"}]}', /Result 0 .* no id/],
  ['{"results":[{"id":"a","status":"green"}]}', /gives a the status "green"/],
])('%j is rejected', (text, sentence) => {
  expect(() => parseReport(text)).toThrow(sentence);
});
