// For tests: the matrix of deviations by specs. A mutant turns red exactly the specs that name it, each by the expectation
// it names; a variant turns none.
import { describe, expect, test } from '@jest/globals';
import { allDeviations } from '../fakes/deviations/catalogue';
import { specs } from '../specs/index';
import type { Result } from './results';
import { runSpecs } from './run';
import { DEFAULT_IMAGE } from './settings';
import { startBuiltIn } from './targets/built-in';

const LONGEST_TEST_MS = 180_000;

export const deviationNames = (kind: 'mutant' | 'variant') =>
  allDeviations.filter((one) => one.kind === kind).map(({ name }) => name);

async function resultsUnder(mutants: readonly string[], variants: readonly string[]): Promise<readonly Result[]> {
  await using target = await startBuiltIn({ image: DEFAULT_IMAGE, mutants, variants, persona: 'documented' });
  return await runSpecs(specs, target, { timeoutSeconds: 60, repeat: (id) => id });
}

/** One test a mutant. */
export function testMutants(names: readonly string[]): void {
  describe('a mutant', () => {
    test.concurrent.each(names)(
      '%s turns red the specs that name it',
      async (name) => {
        const red = (await resultsUnder([name], [])).filter(({ status }) => status !== 'pass');
        const seen = red.map(({ id, status, violation, reason }) => [id, violation?.label ?? `${status}: ${reason}`]);
        const wanted = specs.flatMap(({ id, mutants }) => (mutants[name] === undefined ? [] : [[id, mutants[name]]]));
        expect(seen).toEqual(wanted);
      },
      LONGEST_TEST_MS,
    );
  });
}

/** One test a variant; what it makes unjudgeable may only be what depends on an archive's contents. */
export function testVariants(names: readonly string[]): void {
  describe('a variant', () => {
    test.concurrent.each(names)(
      '%s leaves every spec green, or unsupported where it cannot be judged',
      async (name) => {
        const results = await resultsUnder([], [name]);
        const red = results.filter(({ status }) => status !== 'pass' && status !== 'unsupported');
        expect(red.map(({ id, reason }) => [id, reason])).toEqual([]);
        const unjudged = results.filter(({ status }) => status === 'unsupported').map(({ id }) => id);
        expect(unjudged.filter((id) => !id.startsWith('archive/memory/'))).toEqual([]);
      },
      LONGEST_TEST_MS,
    );
  });
}
