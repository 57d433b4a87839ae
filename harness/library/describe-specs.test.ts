// Tests specs as tests: what a test runner sees of rules that pass, that fail, and that cannot be judged.
import { beforeEach, describe, expect, test } from '@jest/globals';
import { specs } from '../../specs/index';
import { describeSpecs, type TestRunner } from './describe-specs';
import { openTarget } from './target';

const only = (...ids: readonly string[]) => specs.filter(({ id }) => ids.includes(id));
const REFUSED = 'runtime/container-id/empty-is-refused';
const UNKNOWN = 'runtime/checkpoint-container/unknown-id-is-refused';

/** The declared tests and their outcomes. */
let seen: string[];
let bodies: (() => Promise<void>)[];
let afterwards: (() => Promise<void>)[];
beforeEach(() => {
  seen = [];
  bodies = [];
  afterwards = [];
});

const ended = (name: string, body: () => Promise<void>) =>
  body().then(
    () => seen.push(`passed ${name}`),
    (error: Error) => seen.push(`failed ${name}: ${error.message.split('\n')[0]}`),
  );
const declare = (name: string, body: () => Promise<void>) => bodies.push(async () => void (await ended(name, body)));
const runner: TestRunner = {
  describe: (name, body) => {
    seen.push(name);
    body();
  },
  test: Object.assign(declare, { skip: (name: string) => seen.push(`skipped ${name}`) }),
  beforeAll: (body) => bodies.unshift(body),
  afterAll: (body) => afterwards.push(body),
};
async function run(): Promise<void> {
  for (const body of [...bodies, ...afterwards]) await body();
}

test('a rule that holds is a passing test with its id as name', async () => {
  describeSpecs(only(REFUSED), {}, { runner, title: 'mine' });
  await run();
  expect(seen).toEqual(['mine', `passed ${REFUSED}`]);
});

test('a rule that fails is a failing test with its reason', async () => {
  describeSpecs(only(REFUSED, UNKNOWN), { mutants: ['runtime-accepts-empty-id'] }, { runner });
  await run();
  expect(seen).toEqual([
    'Kubelet Checkpoint API',
    `passed ${UNKNOWN}`,
    expect.stringMatching(new RegExp(`^failed ${REFUSED}: fail: A checkpoint request with an empty container id`)),
  ]);
});

test('a rule that an open target does not support is skipped with the reason', async () => {
  await using target = await openTarget({ persona: 'cri-dockerd' });
  describeSpecs(only(REFUSED), target, { runner });
  await run();
  expect(seen).toEqual([
    'Kubelet Checkpoint API',
    expect.stringMatching(new RegExp(`^skipped ${REFUSED} \\(unsupported: .*UNIMPLEMENTED`)),
  ]);
});

test('a rule that a target named by options does not support fails, unless `unsupported` is `pass`', async () => {
  describeSpecs(only(REFUSED), { persona: 'cri-dockerd' }, { runner });
  describeSpecs(only(REFUSED), { persona: 'cri-dockerd' }, { runner, unsupported: 'pass', title: 'lenient' });
  await run();
  expect(seen.filter((line) => line.includes(REFUSED)).sort()).toEqual([
    expect.stringMatching(/^failed .*: unsupported: /),
    `passed ${REFUSED}`,
  ]);
});

test('without a test runner the error says what to pass', () => {
  const { beforeAll } = globalThis as { beforeAll?: unknown };
  Reflect.set(globalThis, 'beforeAll', undefined);
  try {
    expect(() => describeSpecs(only(REFUSED))).toThrow(/pass them as options\.runner/);
  } finally {
    Reflect.set(globalThis, 'beforeAll', beforeAll);
  }
});

describe('runs in Jest itself', () => {
  describeSpecs(only(REFUSED, UNKNOWN), {}, { title: 'on the built-in fakes' });
});
