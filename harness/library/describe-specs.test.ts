// Specs as tests: what a runner gets to see of those that hold, that do not, and that cannot be judged.
import { beforeEach, describe, expect, test } from '@jest/globals';
import { specs } from '../../specs/index';
import { describeSpecs, type TestRunner } from './describe-specs';
import { openTarget } from './target';

const only = (...ids: readonly string[]) => specs.filter(({ id }) => ids.includes(id));
const REFUSED = 'runtime/container-id/empty-is-refused';
const UNKNOWN = 'runtime/checkpoint-container/unknown-id-is-refused';

/** What was declared, and how it ended. */
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

test('a rule that holds is a test that passes, under its id', async () => {
  describeSpecs(only(REFUSED), {}, { runner, title: 'mine' });
  await run();
  expect(seen).toEqual(['mine', `passed ${REFUSED}`]);
});

test('one that does not hold fails, and says what came', async () => {
  describeSpecs(only(REFUSED, UNKNOWN), { mutants: ['runtime-accepts-empty-id'] }, { runner });
  await run();
  expect(seen).toEqual([
    'Kubelet Checkpoint API',
    `passed ${UNKNOWN}`,
    expect.stringMatching(new RegExp(`^failed ${REFUSED}: fail: An empty container id`)),
  ]);
});

test('one that an open target does not offer is skipped, under the reason', async () => {
  await using target = await openTarget({ persona: 'cri-dockerd' });
  describeSpecs(only(REFUSED), target, { runner });
  await run();
  expect(seen).toEqual([
    'Kubelet Checkpoint API',
    expect.stringMatching(new RegExp(`^skipped ${REFUSED} \\(unsupported: .*UNIMPLEMENTED`)),
  ]);
});

test('one that a named target does not offer is not green, unless that is asked for', async () => {
  describeSpecs(only(REFUSED), { persona: 'cri-dockerd' }, { runner });
  describeSpecs(only(REFUSED), { persona: 'cri-dockerd' }, { runner, unsupported: 'pass', title: 'lenient' });
  await run();
  expect(seen.filter((line) => line.includes(REFUSED)).sort()).toEqual([
    expect.stringMatching(/^failed .*: unsupported: /),
    `passed ${REFUSED}`,
  ]);
});

test('without a runner it says what to hand in', () => {
  const { beforeAll } = globalThis as { beforeAll?: unknown };
  Reflect.set(globalThis, 'beforeAll', undefined);
  try {
    expect(() => describeSpecs(only(REFUSED))).toThrow(/hand them in as options\.runner/);
  } finally {
    Reflect.set(globalThis, 'beforeAll', beforeAll);
  }
});

describe('in Jest itself', () => {
  describeSpecs(only(REFUSED, UNKNOWN), {}, { title: 'on the built-in fakes' });
});
