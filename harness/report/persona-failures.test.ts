// Tests that each persona fails exactly the rules in the list of known failures with the same name.
import { expect, test } from '@jest/globals';
import { specs } from '../../specs/index';
import { isBeyondThisUser } from '../dev/needs-root';
import { ckptest } from '../testing/command-line';
import type { KnownFailure } from './known-failure';
import { readKnownLists } from './known-failures';
import { fileOfList, knownListNames, listsOf } from './known-lists';
import type { Report, Result } from './results';

const MAX_TEST_MS = 240_000;

/** Runs rules on a persona with its list. */
async function run(persona: string, focus: string) {
  const args = ['run', '--persona', persona, '--focus', focus, '--output', 'json'];
  const isListed = fileOfList(persona) !== undefined;
  const { status, out } = await ckptest([...args, ...(isListed ? ['--known-failures', persona] : [])]);
  const { results }: Report = JSON.parse(out);
  return { status, results };
}

const passed = (listed: readonly KnownFailure[], results: readonly Result[]) =>
  listed.filter(({ id }) => !results.some((result) => result.id === id && result.status === 'known-failure'));

test.each(['reference', ...knownListNames()])(
  '%s',
  async (persona) => {
    const known = fileOfList(persona) === undefined ? [] : readKnownLists(listsOf(persona), specs);
    const { status, results } = await run(persona, '^(runtime|archive)/');
    const listed = known.filter(({ id }) => !specs.some((spec) => spec.id === id && isBeyondThisUser(spec)));
    // The persona breaks these rules every time, even those that real runtimes break only sometimes. A busy machine can
    // hide a pause, so rules that passed run once more.
    const hidden = passed(listed, results);
    const focus = `^(${hidden.map(({ id }) => id).join('|')})$`;
    expect(passed(hidden, hidden.length > 0 ? (await run(persona, focus)).results : [])).toEqual([]);
    expect(results.filter(({ status }) => status === 'fail' || status === 'error')).toEqual([]);
    expect(status).toBe(0);
  },
  MAX_TEST_MS,
);
