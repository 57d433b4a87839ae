// Rules about the kubelet's other endpoints: lists of pods, health and configuration.

import { observed, sentence } from '../catalogue/sources';
import { expectEqual, expectStatus, expectThat, show } from '../subject/expect';
import { group } from '../subject/spec';
import type { Node } from '../subject/subject';

type Fields = Readonly<Record<string, unknown>>;
const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null;
const inner = (value: unknown, ...names: readonly string[]): unknown =>
  names.reduce((callsSoFar, name) => (isFields(callsSoFar) ? callsSoFar[name] : undefined), value);

/** Returns the JSON of an endpoint. */
async function document({ request }: Node, target: string): Promise<unknown> {
  const answer = await request({ target });
  expectStatus(answer, 200, `A GET request for ${target}`);
  try {
    return JSON.parse(answer.body);
  } catch {
    return expectThat('json', false, 'JSON', `The response to GET ${target} is not JSON: ${show(answer.body)}`);
  }
}

/** Returns namespace and name of each pod in a list. */
function podsIn(list: unknown): readonly string[] {
  const items = inner(list, 'items');
  return Array.isArray(items)
    ? items.map((item: unknown) => `${inner(item, 'metadata', 'namespace')}/${inner(item, 'metadata', 'name')}`)
    : [];
}

/** Returns the seconds in a duration as Go prints it, such as `2m0s` or `1h0m1.5s`. */
function seconds(duration: unknown): number | undefined {
  const [, hours = '0', minutes = '0', rest = '0'] =
    /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s)?$/.exec(String(duration)) ?? [];
  return duration === undefined ? undefined : Number(hours) * 3600 + Number(minutes) * 60 + Number(rest);
}

export const otherEndpointSpecs = group('kubelet/around', { level: 'observed', needs: ['kubelet'] }, [
  {
    id: 'pod-stays-listed',
    title: 'After a checkpoint the pod is still listed in /pods and /runningpods/',
    level: 'documented',
    source: sentence('D2'),
    needs: ['checkpoint'],
    mutants: { 'kubelet-forgets-checkpointed-pods': 'listed', 'kubelet-success-is-201': 'status' },
    async check({ node }) {
      const usual = await node();
      const { checkpoint, running } = usual;
      expectStatus(await checkpoint(running), 200, 'A checkpoint request');
      for (const target of ['/pods', '/runningpods/']) {
        const listed = podsIn(await document(usual, target)).includes(`${running.namespace}/${running.pod}`);
        const pod = `${running.namespace}/${running.pod}`;
        expectThat(
          'listed',
          listed,
          `${pod} in the list`,
          `After the checkpoint ${target} no longer lists the pod ${pod}`,
        );
      }
    },
  },
  {
    id: 'errors-leave-it-healthy',
    title: 'After errors of the runtime the kubelet still reports that it is healthy',
    level: 'hardening',
    source: observed('healthz'),
    needs: ['runtime-faults'],
    mutants: { 'kubelet-unhealthy-after-errors': 'status' },
    async check({ node }) {
      const { checkpoint, request, running, whileRuntime } = await node();
      await whileRuntime({ abort: { code: 'INTERNAL', message: 'made up: no' } }, () => checkpoint(running));
      for (const target of ['/healthz', '/healthz/syncloop']) {
        const answer = await request({ target });
        expectStatus(answer, 200, `After an error of the runtime, a GET request for ${target}`);
        expectEqual('body', answer.body, 'ok', `After an error of the runtime, the body of ${target}`);
      }
    },
  },
  {
    id: 'health-needs-credentials',
    title: '/healthz, /pods, /configz and /metrics need credentials',
    source: observed('auth-none-healthz'),
    mutants: { 'kubelet-health-for-everybody': 'status' },
    async check({ node }) {
      const { request } = await node();
      for (const target of ['/healthz', '/pods', '/configz', '/metrics']) {
        expectStatus(
          await request({ target, credentials: 'none' }),
          401,
          `A request for ${target} without credentials`,
        );
      }
    },
  },
  {
    id: 'default-is-in-the-configuration',
    title: 'The default CRI timeout is the runtimeRequestTimeout that /configz shows',
    level: 'documented',
    source: sentence('D21'),
    needs: ['call-log'],
    mutants: { 'kubelet-configz-lies': 'deadline' },
    async check({ node }) {
      const usual = await node();
      const configured = seconds(inner(await document(usual, '/configz'), 'kubeletconfig', 'runtimeRequestTimeout'));
      const calls = await usual.checkpointsDuring(() => usual.checkpoint(usual.running));
      const seen = calls[0]?.deadlineSeconds;
      const fits = configured !== undefined && seen !== undefined && Math.abs(configured - seen) < 2;
      const actual = `/configz shows a runtimeRequestTimeout of ${configured} s, but the CheckpointContainer call has a deadline of ${seen ?? 'unknown'} s`;
      expectThat('deadline', fits, 'the same time in both', actual);
    },
  },
]);
