// Tests that the built-in fakes conform. Runs every spec as a separate test on two kubelets: the default kubelet, which
// deviates from the documentation as real kubelets do, and the persona `documented`, which follows it.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { specs } from '../../specs/index';
import { isBeyondThisUser } from '../dev/needs-root';
import type { Result } from '../report/results';
import { startBuiltIn } from '../targets/built-in';
import type { Target } from '../targets/target';
import { runSelected } from './run';
import { DEFAULT_IMAGE } from './settings';

const MAX_TEST_MS = 60_000;

/** The directory name contains a space, so that paths in kubelet answers contain one too. */
let temporary: string;
beforeAll(() => {
  temporary = fs.mkdtempSync(path.join(os.tmpdir(), 'ckptest conform '));
  jest.spyOn(os, 'tmpdir').mockReturnValue(temporary);
});
afterAll(() => {
  jest.restoreAllMocks();
  const left = fs.readdirSync(temporary);
  fs.rmSync(temporary, { recursive: true });
  expect(left).toEqual([]);
});

function eachSpec(persona: string | undefined, verdict: (result: Result, deviates: boolean) => void): void {
  let target: Target;
  beforeAll(async () => {
    target = await startBuiltIn({ image: DEFAULT_IMAGE, mutants: [], variants: [], ...(persona && { persona }) });
  });
  afterAll(async () => {
    await target[Symbol.asyncDispose]();
  });

  test.each(specs.map((spec) => [spec.id, spec] as const))(
    '%s',
    async (_, spec) => {
      const [result] = await runSelected([spec], target, { timeoutSeconds: 60, repeat: (id) => id });
      if (!result) throw new Error('the spec has no result');
      if (isBeyondThisUser(spec)) expect(result.status).toBe('unsupported');
      else verdict(result, spec.deviates !== undefined);
    },
    MAX_TEST_MS,
  );
}

describe('on the default kubelet every spec passes, or is a known failure if real kubelets break the rule', () => {
  eachSpec(undefined, ({ status, reason }, deviates) =>
    expect({ status, reason }).toEqual(deviates ? { status: 'fail', reason: expect.any(String) } : { status: 'pass' }),
  );
});

describe('on the documented kubelet every spec passes', () => {
  eachSpec('documented', ({ status, reason }) => expect({ status, reason }).toEqual({ status: 'pass' }));
});
