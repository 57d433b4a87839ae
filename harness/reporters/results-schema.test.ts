// Tests that the JSON of a run contains exactly what the schema in the package describes.
import { expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020';
import { ckptest } from '../testing/command-line';
import { resultsSchema } from './read-results';

/** Returns the schema without unknown members. The published schema allows them for compatibility. */
async function closedSchema(): Promise<object> {
  return JSON.parse(JSON.stringify(await resultsSchema()), (_, value: unknown) =>
    typeof value === 'object' && value !== null && 'properties' in value
      ? { ...value, additionalProperties: false }
      : value,
  );
}

const RUNS = [
  ['that holds', ['--focus', 'unknown-pod-is-404']],
  ['with a failure', ['--focus', 'unknown-pod-is-404', '--mutant', 'kubelet-unknown-pod-is-500']],
  ['on what lacks things', ['--focus', 'archive/format|unknown-pod-is-404', '--persona', 'containerd-1.6']],
] as const;

test.each(RUNS)('a run %s', async (_, args) => {
  const { out } = await ckptest(['run', '--output', 'json', ...args]);
  const validate = new Ajv2020().compile(await closedSchema());
  validate(JSON.parse(out));
  expect(validate.errors).toBe(null);
});

test('a member that the schema does not describe is detected', async () => {
  const { out } = await ckptest(['run', '--output', 'json', '--focus', 'unknown-pod-is-404']);
  const validate = new Ajv2020().compile(await closedSchema());
  const document = JSON.parse(out);
  expect(validate({ ...document, results: [{ ...document.results[0], mood: 'good' }] })).toBe(false);
});
