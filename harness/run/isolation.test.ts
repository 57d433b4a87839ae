// Tests that the result of a spec does not depend on the order of the specs or on specs that run at the same time.
import { expect, test } from '@jest/globals';
import { specs } from '../../specs/index';
import { isBeyondThisUser } from '../dev/needs-root';
import { startBuiltIn } from '../targets/built-in';
import { runSelected } from './run';
import { DEFAULT_IMAGE } from './settings';

const MAX_TEST_MS = 180_000;

/** The default kubelet breaks the rules that have `deviates`, and no other rule. */
const wanted = specs.map((spec) => [
  spec.id,
  isBeyondThisUser(spec) ? 'unsupported' : spec.deviates === undefined ? 'pass' : 'fail',
]);

test.each([
  ['one at a time', 1, 1],
  ['four at a time', 2, 4],
  ['eight at a time, in another order', 3, 8],
])(
  'every spec has the expected result: %s',
  async (_, seed, parallel) => {
    await using target = await startBuiltIn({ image: DEFAULT_IMAGE, mutants: [], variants: [] });
    const results = await runSelected(specs, target, { timeoutSeconds: 60, repeat: (id) => id, seed, parallel });
    expect(results.map(({ id, status }) => [id, status])).toEqual(wanted);
  },
  MAX_TEST_MS,
);
