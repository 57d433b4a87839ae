// Makes a result with a given status, for tests.
import type { Result, Status } from '../report/results';

export const resultOf = (status: Status): Result => ({
  id: 'group/spec',
  title: 'A rule',
  level: 'documented',
  strength: 'must',
  source: { document: 'a page', id: 'D1', link: 'https://example.org' },
  status,
  ...(status === 'pass' ? {} : { reason: `because of ${status}` }),
  durationMs: 10,
});
