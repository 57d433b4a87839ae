// Tests a proxy that does not forward every call to its runtime: the missing calls are named, and rules that need them
// are unsupported.
import { status } from '@grpc/grpc-js';
import { expect, test } from '@jest/globals';
import { StatusError } from '../../fakes/runtime/grpc/errors';
import { startRuntimeServer } from '../../fakes/runtime/server';
import type { Report } from '../report/results';
import { DEFAULT_IMAGE } from '../run/settings';
import { ckptest } from '../testing/command-line';

const MAX_TEST_MS = 60_000;

/** Runs the suite on a runtime behind a proxy that does not implement some calls. */
async function runWithout(methods: readonly string[], focus: string) {
  await using runtime = await startRuntimeServer({
    images: [DEFAULT_IMAGE],
    cri: [
      async (call, next) => {
        if (!methods.includes(call.method)) return await next(call);
        throw new StatusError(
          status.UNIMPLEMENTED,
          `unknown method ${call.method} for service runtime.v1.RuntimeService`,
        );
      },
    ],
  });
  return await ckptest(['run', '--runtime-endpoint', runtime.endpoint, '--focus', focus, '--output', 'json']);
}

test(
  'missing calls are named, and only the rules that make them are unsupported',
  async () => {
    const focus = '^runtime/(after-checkpoint/commands-run|idempotence/|lists/)';
    const { status: exit, out } = await runWithout(['ExecSync', 'RemoveImage'], focus);
    const { results, target }: Report = JSON.parse(out);
    expect(exit).toBe(0);
    expect(target.runtime).toMatch(/, without ExecSync, RemoveImage \(UNIMPLEMENTED\)$/);
    const untried = results.filter(({ status }) => status === 'unsupported');
    expect(Object.fromEntries(untried.map(({ id, reason }) => [id, reason]))).toEqual({
      'runtime/after-checkpoint/commands-run': expect.stringMatching(/not implement ExecSync \(UNIMPLEMENTED: unknown/),
      'runtime/idempotence/remove-image': expect.stringMatching(/not implement RemoveImage \(UNIMPLEMENTED: unknown/),
    });
    expect(results.filter(({ status }) => status === 'pass').length).toBeGreaterThan(5);
  },
  MAX_TEST_MS,
);

test(
  'without a call that every kubelet makes, the rules about kubelets are unsupported',
  async () => {
    const { out } = await runWithout(['ListContainers'], '^kubelet/status-codes/success-is-200$');
    const { target, results }: Report = JSON.parse(out);
    expect(target.lacks['kubelet']).toMatch(/^a kubelet needs it: .* does not implement ListContainers /);
    expect(results.filter(({ status }) => status !== 'skipped').map(({ status }) => status)).toEqual(['unsupported']);
  },
  MAX_TEST_MS,
);

test('without a call that removes something, the suite creates nothing', async () => {
  const { status: exit, err } = await runWithout(['RemovePodSandbox'], '.');
  expect(exit).toBe(2);
  expect(err).toMatch(/: it does not implement RemovePodSandbox .*; name the socket of the runtime itself\n$/);
});
