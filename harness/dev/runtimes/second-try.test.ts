// Tests that only unexpected results that occur twice count, and that others are reported as unsteady.
import { expect, test } from '@jest/globals';
import type { ReportedResult, RuntimesReport } from './report';
import { again, applySecondTry, surprises } from './second-try';

const result = (id: string, status: ReportedResult['status']): ReportedResult => ({ id, status, reason: `why ${id}` });
const report = (...results: ReportedResult[]): RuntimesReport => ({ results });
const expectation = {
  runtime: 'r',
  minor: '1.0',
  minimumPasses: 1,
  unsupported: [],
  failing: [{ id: 'a/listed', reason: '', link: '', expires: '2099-12-31' }],
};

test('a listed failure is expected; another failure is not, and neither is an error', () => {
  const seen = report(result('a/listed', 'fail'), result('a/x', 'fail'), result('a/y', 'error'), result('a/z', 'pass'));
  expect(surprises(seen, expectation).map(({ id }) => id)).toEqual(['a/x', 'a/y']);
});

test('a few unexpected results are tried again; none or many are not', () => {
  expect(again([result('a/x', 'fail'), result('a/y', 'fail')])).toEqual(['--focus', '^(a/x|a/y)$']);
  expect(again([])).toBeUndefined();
  expect(again(['1', '2', '3', '4'].map((id) => result(id, 'fail')))).toBeUndefined();
});

test('a rule that passes the second time passes and is reported; one that fails twice fails', () => {
  const first = report(result('a/x', 'fail'), result('a/y', 'fail'));
  const second = report(result('a/x', 'pass'), result('a/y', 'fail'));
  const { report: merged, messages } = applySecondTry(first, second, first.results);
  expect(merged.results.map(({ status }) => status)).toEqual(['pass', 'fail']);
  expect(messages).toEqual(['  UNSTEADY: a/x failed at first and passed when it was repeated: why a/x']);
});

test('a listed failure that passes at first is tried again, and its failure counts', () => {
  const first = report(result('a/listed', 'pass'));
  expect(surprises(first, expectation).map(({ id }) => id)).toEqual(['a/listed']);
  const { report: merged, messages } = applySecondTry(first, report(result('a/listed', 'fail')), first.results);
  expect(merged.results.map(({ status }) => status)).toEqual(['fail']);
  expect(messages).toEqual(['  UNSTEADY: a/listed passed at first and failed when it was repeated: why a/listed']);
});
