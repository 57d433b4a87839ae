// Tests that each built-in list is for one version of one runtime, and contains only existing rules.
import { expect, test } from '@jest/globals';
import { UserError } from '../../fakes/base/user-error';
import { rulesOfFinding } from '../../specs/catalogue/findings';
import { specs } from '../../specs/index';
import { compareWithList, knownFailure, readKnownFailures, readKnownLists } from './known-failures';
import { chosenLists, fileOfList, knownListNames, listsOf } from './known-lists';
import type { Result } from './results';

const entriesOf = (name: string) => readKnownFailures(fileOfList(name) ?? 'none', specs);

test.each([...knownListNames()])('%s names existing rules, each with a reason and a link', (name) => {
  for (const { reason, link } of entriesOf(name))
    expect([reason, link]).toEqual([expect.stringMatching(/\w/), expect.stringMatching(/\w/)]);
});

test('the message for an unknown name contains the existing names', () => {
  expect(fileOfList('known.yaml')).toBeUndefined();
  expect(() => readKnownFailures('known.yaml', specs)).toThrow(/one of the lists containerd-1\.6, containerd-2\.1/);
});

const NO_RESTORE = { restore: 'a path is an image name' };

test.each([...knownListNames()])('%s links each entry to the finding that breaks the rule', (name) => {
  for (const { id, link } of entriesOf(name)) {
    const [, finding = ''] = /^specs\/findings\.md#(.+)$/.exec(link) ?? [];
    expect([id, link, rulesOfFinding(finding, specs).map((rule) => rule.id)]).toEqual([
      id,
      link,
      expect.arrayContaining([id]),
    ]);
  }
});

test('a list with a suffix repeats no entry of the list that it extends', () => {
  for (const name of knownListNames()) {
    const ids = readKnownLists(listsOf(name), specs).map(({ id }) => id);
    expect([name, ids.filter((id, index) => ids.indexOf(id) < index)]).toEqual([name, []]);
  }
});

test.each([
  ['containerd-2.1', 'containerd v2.1.9', {}, ['containerd-2.1']],
  ['containerd-2.1', 'containerd 2.1.0+unknown', NO_RESTORE, ['containerd-2.1']],
  ['containerd-2.3', 'containerd v2.3.4', NO_RESTORE, ['containerd-2.3']],
  ['containerd-2.3', 'containerd v2.3.4', {}, ['containerd-2.3', 'containerd-2.3+restore']],
  ['cri-o-1.37+restore', 'cri-o 1.37.0', {}, ['cri-o-1.37', 'cri-o-1.37+restore']],
  ['cri-o-1.37', 'built-in fake, with persona cri-o-1.37+restore', {}, ['cri-o-1.37', 'cri-o-1.37+restore']],
  ['cri-o-1.37', 'built-in fake, with persona cri-o-1.37+disabled', NO_RESTORE, ['cri-o-1.37']],
])('the list %s on %s is chosen by what was probed', (name, runtime, lacks, lists) => {
  expect(chosenLists(name, { kubelet: '', runtime, lacks })).toEqual(lists);
});

test.each([
  ['containerd-2.1', 'containerd v2.2.0', {}, /is for another one/],
  ['containerd-2.1', 'cri-o 2.1.0', {}, /is for another one/],
  ['containerd-2.1', 'containerd', {}, /is for another one/],
  ['containerd-2.1', 'built-in fake, with persona containerd-2.2', {}, /is for another one/],
  [
    'cri-o-1.37+restore',
    'cri-o 1.37.0',
    NO_RESTORE,
    /this runtime lacks restore \(a path is an image name\); use --known-failures cri-o-1\.37$/,
  ],
])('the list %s on %s is refused', (name, runtime, lacks, says) => {
  const choose = () => chosenLists(name, { kubelet: '', runtime, lacks });
  expect(choose).toThrow(UserError);
  expect(choose).toThrow(says);
});

const [entry] = entriesOf('containerd-2.1');
const spec = specs.find(({ id }) => id === entry?.id);
if (!entry || !spec) throw new Error('the list has no entry of a spec');
const listed = [{ ...entry, expires: '2030-01-31' }];
const result = (status: Result['status']): Result => {
  const { id, title, level, strength, source } = spec;
  const violation = { label: 'mode', expected: '0600', actual: 'The mode is 0644.' };
  return { id, title, level, strength, source, status, reason: 'it broke', violation, durationMs: 1 };
};

test('an entry is accepted until its last day, and not after it', () => {
  expect(knownFailure(spec, listed, '2030-01-31')).toContain(entry.reason);
  expect(knownFailure(spec, listed, '2030-02-01')).toBe(spec.deviates);
  expect(compareWithList(result('fail'), listed, '2030-02-01')).toMatchObject({
    status: 'fail',
    reason: 'it broke (its entry in the list of known failures expired on 2030-01-31)',
    violation: { actual: 'The mode is 0644. (its entry in the list of known failures expired on 2030-01-31)' },
  });
});

test('an entry that passes is an error that says what to do', () => {
  expect(compareWithList(result('pass'), listed, '2030-01-31')).toMatchObject({
    status: 'error',
    reason: 'it is listed as a known failure and passes: remove the entry',
  });
  expect(compareWithList(result('unsupported'), listed, '2030-01-31')).toEqual(result('unsupported'));
});
