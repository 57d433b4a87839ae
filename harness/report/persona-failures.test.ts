// Each persona fails exactly the rules in the list of known failures of the same name.
import { expect, test } from '@jest/globals';
import { specs } from '../../specs/index';
import { isBeyondThisUser } from '../dev/needs-root';
import { ckptest } from '../testing/command-line';
import { readKnownLists } from './known-failures';
import { fileOfList, knownListNames, listsOf } from './known-lists';
import type { Report } from './results';

const MAX_TEST_MS = 240_000;

test.each(['reference', ...knownListNames()])(
  '%s',
  async (persona) => {
    const isListed = fileOfList(persona) !== undefined;
    const known = isListed ? readKnownLists(listsOf(persona), specs) : [];
    const args = ['run', '--persona', persona, '--focus', '^(runtime|archive)/', '--output', 'json'];
    const { status, out } = await ckptest([...args, ...(isListed ? ['--known-failures', persona] : [])]);
    const { results }: Report = JSON.parse(out);
    // An entry that is unsteady on real runtimes fails on its persona in every run.
    const listed = known.filter(({ id }) => !specs.some((spec) => spec.id === id && isBeyondThisUser(spec)));
    const failed = new Set(results.filter(({ status }) => status === 'known-failure').map(({ id }) => id));
    expect(listed.filter(({ id }) => !failed.has(id))).toEqual([]);
    expect(results.filter(({ status }) => status === 'fail' || status === 'error')).toEqual([]);
    expect(status).toBe(0);
  },
  MAX_TEST_MS,
);
