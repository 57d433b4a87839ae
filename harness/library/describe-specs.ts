// Specs as tests of a test runner that has Jest's globals: one test a spec, and the unsupported ones in plain sight.
import type { Spec } from '../../specs/subject/spec';
import type { Result } from '../report/results';
import type { Target } from '../targets/target';
import { runSpecs } from './run-specs';
import { isTarget, openTarget, type TargetOptions } from './target';

/** What is used of a test runner; Jest's globals, and those of runners like it, fit. */
export interface TestRunner {
  describe(name: string, body: () => void): unknown;
  test: TestFunction & { readonly skip: TestFunction };
  beforeAll(body: () => Promise<void>, milliseconds?: number): unknown;
  afterAll(body: () => Promise<void>, milliseconds?: number): unknown;
}

type TestFunction = (name: string, body: () => Promise<void>, milliseconds?: number) => unknown;

export interface DescribeSpecsOptions {
  /** Title of the block; default: `Kubelet Checkpoint API`. */
  readonly title?: string;
  /** Longest that one spec may take, seconds; default 60. */
  readonly timeoutSeconds?: number;
  /** The runner's functions, where they are no globals. */
  readonly runner?: TestRunner;
  /**
   * A target does not offer what a rule is about: `fail`, the default, fails its test with the reason; `pass` lets it
   * pass, and prints the reason. A target that is open when this is called has such tests skipped, under their reason.
   */
  readonly unsupported?: 'fail' | 'pass';
}

const USUAL_TIMEOUT_SECONDS = 60;
/** Opening and closing a target, milliseconds. */
const TARGET_MS = 120_000;
/** What a test has beyond its spec, to clean up (milliseconds). */
const CLEANING_MS = 30_000;

function isRunner(found: object): found is TestRunner {
  return ['describe', 'test', 'beforeAll', 'afterAll'].every((name) => typeof Reflect.get(found, name) === 'function');
}

function globalRunner(): TestRunner {
  const found: object = globalThis;
  if (isRunner(found)) return found;
  throw new Error(
    'describeSpecs: there are no global describe, test, beforeAll and afterAll; hand them in as options.runner',
  );
}

/** The end of a test: what is no pass and not expected throws, with all that the result says. */
function settle({ status, reason = '', title, repeat }: Result, unsupported: 'fail' | 'pass'): void {
  if (status === 'pass' || status === 'known-failure') return;
  if (status === 'unsupported' && unsupported === 'pass') {
    process.stderr.write(`unsupported: ${title}: ${reason}\n`);
    return;
  }
  throw new Error(`${status}: ${title}\n${reason}${repeat === undefined ? '' : `\nagain: ${repeat}`}`);
}

/**
 * Makes a test of every spec, named by its id, in one `describe` block. To be called where tests are declared; a target
 * that is only named is opened before the first test and disposed of after the last.
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
