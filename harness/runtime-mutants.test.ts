// Broken runtimes and archives, the other half of the matrix; and the names in it.
import { expect, test } from '@jest/globals';
import { specs } from '../specs/index';
import { deviationNames, testMutants, testVariants } from './matrix';

test('every mutant is named by a spec, and every name is that of a mutant', () => {
  const named = new Set(specs.flatMap(({ mutants }) => Object.keys(mutants)));
  expect([...named].sort()).toEqual(deviationNames('mutant').sort());
});

testMutants(deviationNames('mutant').filter((name) => !name.startsWith('kubelet-')));
testVariants(deviationNames('variant'));
