// Declares specs as tests in a test runner with Jest's globals: one test for each spec. Tests of unsupported rules are
// skipped or fail, and never pass without a message.
import type { Spec } from '../../specs/subject/spec';
import type { Result } from '../report/results';
import type { Target } from '../targets/target';
import { runSpecs } from './run-specs';
import { isTarget, openTarget, type TargetOptions } from './target';

/** The functions of a test runner that are needed. The globals of Jest and of similar test runners have this type. */
export interface TestRunner {
  describe(name: string, body: () => void): unknown;
  test: TestFunction & { readonly skip: TestFunction };
  beforeAll(body: () => Promise<void>, milliseconds?: number): unknown;
  afterAll(body: () => Promise<void>, milliseconds?: number): unknown;
}

type TestFunction = (name: string, body: () => Promise<void>, milliseconds?: number) => unknown;

export interface DescribeSpecsOptions {
  /** Title of the block. Default: `Kubelet Checkpoint API`. */
  readonly title?: string;
  /** Time limit for one spec, seconds. Default: 60. */
  readonly timeoutSeconds?: number;
  /** The functions of the test runner, if they are not globals. */
  readonly runner?: TestRunner;
  /**
   * The result of a test whose rule the target does not support. `fail` (the default): the test fails with the reason.
   * `pass`: the test passes and prints the reason. If the target is already open, tests that need a missing capability
   * are skipped instead.
   */
  readonly unsupported?: 'fail' | 'pass';
}

const USUAL_TIMEOUT_SECONDS = 60;
/** Time limit for opening or closing a target, milliseconds. */
const TARGET_MS = 120_000;
/** Time that a test has in addition to its spec, for the clean-up, milliseconds. */
const CLEANING_MS = 30_000;

function isRunner(found: object): found is TestRunner {
  return ['describe', 'test', 'beforeAll', 'afterAll'].every((name) => typeof Reflect.get(found, name) === 'function');
}

function globalRunner(): TestRunner {
  const found: object = globalThis;
  if (isRunner(found)) return found;
  throw new Error(
    'describeSpecs: there are no global functions describe, test, beforeAll and afterAll; pass them as options.runner',
  );
}

/** Ends a test: throws an error with the whole result unless the rule passed or is a known failure. */
function settle({ status, reason = '', title, repeat }: Result, unsupported: 'fail' | 'pass'): void {
  if (status === 'pass' || status === 'known-failure') return;
  if (status === 'unsupported' && unsupported === 'pass') {
    process.stderr.write(`unsupported: ${title}: ${reason}\n`);
    return;
  }
  throw new Error(`${status}: ${title}\n${reason}${repeat === undefined ? '' : `\nrepeat with: ${repeat}`}`);
}

/**
 * Declares a test for each spec, named by its id, in one `describe` block. Call it where tests are declared.
 *
 * @param specs the specs to run
 * @param target an open target, or options that name a target. An open target stays open. With options, the target is
 * opened before the first test and closed after the last test
 * @param options title, time limit and test runner
 * @throws Error if there is no test runner
 */
export function describeSpecs(
  specs: readonly Spec[],
  target: Target | TargetOptions = {},
  options: DescribeSpecsOptions = {},
): void {
  const { describe, test, beforeAll, afterAll } = options.runner ?? globalRunner();
  const { skip: skippedTest } = test;
  const { timeoutSeconds = USUAL_TIMEOUT_SECONDS, unsupported = 'fail' } = options;
  describe(options.title ?? 'Kubelet Checkpoint API', () => {
    let opened: Target | undefined = isTarget(target) ? target : undefined;
    if (!isTarget(target)) {
      beforeAll(async () => {
        opened = await openTarget(target);
      }, TARGET_MS);
      afterAll(async () => opened?.[Symbol.asyncDispose](), TARGET_MS);
    }
    for (const spec of specs) {
      const lacking = opened && spec.needs.map((need) => opened?.lacks(need)).find((reason) => reason !== undefined);
      if (lacking !== undefined) {
        skippedTest(`${spec.id} (unsupported: ${lacking})`, async () => {});
        continue;
      }
      const body = async () => {
        const [result] = await runSpecs([spec], opened, { timeoutSeconds });
        if (result) settle(result, unsupported);
      };
      test(spec.id, body, timeoutSeconds * 1000 + CLEANING_MS);
    }
  });
}
