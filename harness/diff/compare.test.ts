// Tests that each pair of statuses is the change in the table, and that rules are compared by id, not by position.
import { expect, test } from '@jest/globals';
import { sentence } from '../../specs/catalogue/sources';
import type { Result, Status } from '../report/results';
import { sampleReport } from '../reporters/testing/sample-report';
import { compare, type Kind, kindOf } from './compare';

const ORDER: readonly (Status | undefined)[] = ['pass', 'fail', 'error', 'unsupported', 'known-failure', undefined];
/** Rows: status before; columns: status after; both in the order above. `=` means no change. */
const TABLE = `
  =          regressions  regressions  regressions  changed  gone
  fixes      stillFailing stillFailing changed      changed  gone
  fixes      stillFailing stillFailing changed      changed  gone
  fixes      regressions  regressions  =            changed  gone
  fixes      regressions  regressions  changed      =        gone
  new        new          new          new          new      =
`;
const ROWS = TABLE.trim()
  .split('\n')
  .map((row) => row.trim().split(/ +/));
const PAIRS = ORDER.flatMap((before, row) =>
  ORDER.map((after, column) => ({ before, after, kind: ROWS[row]?.[column] })),
);

test.each(PAIRS)('$before to $after: $kind', ({ before, after, kind }) => {
  expect(kindOf(before, after) ?? '=').toBe(kind);
});

const result = (id: string, status: Status): Result => ({
  id,
  title: `Rule ${id}`,
  level: 'documented',
  strength: 'must',
  source: sentence('D26'),
  status,
  durationMs: 1,
  ...(status === 'pass' ? {} : { reason: `because of ${id}` }),
});
const report = (statuses: Readonly<Record<string, Status>>) =>
  sampleReport(Object.entries(statuses).map(([id, status]) => result(`a/${id}`, status)));

test('rules are matched by id in any order, and excluded rules count as not tried', () => {
  const changes = compare(
    report({ worse: 'pass', better: 'fail', same: 'pass', left: 'pass', excluded: 'fail', tried: 'skipped' }),
    report({ tried: 'fail', same: 'pass', better: 'pass', worse: 'fail', added: 'pass', excluded: 'skipped' }),
  );
  const ids = (kind: Kind) => changes[kind].map(({ id }) => id);
  expect({
    regressions: ids('regressions'),
    fixes: ids('fixes'),
    stillFailing: ids('stillFailing'),
    new: ids('new'),
    gone: ids('gone'),
    changed: ids('changed'),
  }).toEqual({
    regressions: ['a/worse'],
    fixes: ['a/better'],
    stillFailing: [],
    new: ['a/tried', 'a/added'],
    gone: ['a/excluded', 'a/left'],
    changed: [],
  });
  expect(changes.regressions[0]).toEqual({
    id: 'a/worse',
    title: 'Rule a/worse',
    before: 'pass',
    after: 'fail',
    reason: 'because of a/worse',
  });
});
