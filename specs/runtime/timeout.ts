// Rules about the timeout field of the request, in seconds. Zero means the runtime's default. The field is independent
// of the call's deadline.
import path from 'node:path';
import { criApi, finding } from '../catalogue/sources';
import { expectFailed, expectOk } from '../subject/expect';
import { group } from '../subject/spec';
import type { Runtime } from '../subject/subject';

const FIELD = criApi('CheckpointContainerRequest.timeout');
/** The largest int64. Its nanoseconds overflow a Go duration. */
const MAX_INT64 = '9223372036854775807';
/** Duration of a slow checkpoint, milliseconds. It is longer than the shortest timeout, 1 s. */
const TOO_SLOW_MS = 1_500;
/** Duration of a checkpoint, milliseconds. It is shorter than any timeout. */
const SLOW_MS = 100;

async function withTimeout(runtime: Runtime, timeout: string) {
  const { id: container_id } = await runtime.started();
  const location = path.join(await runtime.directory(), 'timed.tar');
  return runtime.call('CheckpointContainer', { container_id, location, timeout });
}

export const timeoutFieldSpecs = group('runtime/timeout', { level: 'contract', needs: ['runtime', 'checkpoint'] }, [
  {
    id: 'enough-is-waited-for',
    title: 'The timeout field counts seconds: a checkpoint that takes less time succeeds',
    source: FIELD,
    mutants: { 'runtime-timeout-in-milliseconds': 'ok' },
    async check({ runtime }) {
      const outcome = await runtime.whileSlow(SLOW_MS, () => withTimeout(runtime, '60'));
      expectOk('CheckpointContainer', outcome, 'A short checkpoint with a timeout of 60 seconds');
    },
  },
  {
    id: 'largest-is-waited-for',
    title: 'The largest possible timeout does not overflow',
    source: FIELD,
    mutants: { 'runtime-timeout-overflows': 'ok' },
    async check({ runtime }) {
      expectOk(
        'CheckpointContainer',
        await withTimeout(runtime, MAX_INT64),
        `A checkpoint with the timeout ${MAX_INT64}`,
      );
    },
  },
  {
    id: 'passed-ends-the-call',
    title: 'A checkpoint that takes longer than its timeout fails',
    strength: 'should',
    source: finding('field-ignored'),
    needs: ['runtime-faults'],
    mutants: { 'runtime-timeout-ignored': 'code', 'archive-missing': 'code' },
    async check({ runtime }) {
      const outcome = await runtime.whileSlow(TOO_SLOW_MS, () => withTimeout(runtime, '1'));
      const what = `A checkpoint that took more than ${TOO_SLOW_MS / 1000} s, with a timeout of 1 s,`;
      expectFailed('CheckpointContainer', outcome, what);
    },
  },
  {
    id: 'negative-is-refused',
    title: 'A checkpoint request with a negative timeout is refused',
    level: 'hardening',
    strength: 'should',
    source: finding('field-ignored'),
    mutants: { 'runtime-timeout-ignored': 'code' },
    async check({ runtime }) {
      expectFailed(
        'CheckpointContainer',
        await withTimeout(runtime, '-5'),
        'A checkpoint with a timeout of -5 seconds',
      );
    },
  },
]);
