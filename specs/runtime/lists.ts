// Rules about the list calls and their filters, which the kubelet uses to find containers.

import type { CriRequestInit } from '../../proto/load';
import { criApi } from '../catalogue/sources';
import { expectOk, expectThat } from '../subject/expect';
import { group } from '../subject/spec';
import type { Runtime } from '../subject/subject';

async function containerIds(runtime: Runtime, filter: CriRequestInit<'ListContainers'>['filter']): Promise<string[]> {
  const outcome = await runtime.call('ListContainers', { filter: filter ?? null });
  expectOk('ListContainers', outcome);
  return outcome.response.containers.map(({ id }) => id);
}

async function sandboxIds(runtime: Runtime, filter: CriRequestInit<'ListPodSandbox'>['filter']): Promise<string[]> {
  const outcome = await runtime.call('ListPodSandbox', { filter: filter ?? null });
  expectOk('ListPodSandbox', outcome);
  return outcome.response.items.map(({ id }) => id);
}

/** Expects that a list contains exactly these ids, in any order. A failure has the label `list`. */
function expectList(seen: readonly string[], wanted: readonly string[], filter: string): void {
  const isSame = [...seen].sort().join() === [...wanted].sort().join();
  const actual = `With a filter by ${filter} the list contains ${seen.join(', ') || 'nothing'}`;
  expectThat('list', isSame, `only ${wanted.join(', ') || 'an empty list'}`, actual, ['List']);
}

export const listSpecs = group('runtime/lists', { level: 'contract', needs: ['runtime'] }, [
  {
    id: 'containers-without-a-filter',
    title: 'ListContainers without a filter returns containers in every state',
    source: criApi('ListContainers'),
    mutants: { 'runtime-lists-only-running': 'list' },
    async check({ runtime }) {
      const [created, started] = [await runtime.created(), await runtime.started()];
      const seen = await containerIds(runtime, undefined);
      const both = seen.includes(created.id) && seen.includes(started.id);
      const missing = [created.id, started.id].filter((id) => !seen.includes(id)).join(', ');
      const actual = `ListContainers without a filter does not list ${missing}`;
      expectThat('list', both, 'containers in every state, also created ones', actual, ['ListContainers ']);
    },
  },
  {
    id: 'containers-by-id',
    title: 'A filter by id returns only the container with that id',
    source: criApi('ContainerFilter'),
    mutants: { 'runtime-ignores-id-filter': 'list' },
    async check({ runtime }) {
      const [one] = [await runtime.created(), await runtime.created()];
      expectList(await containerIds(runtime, { id: one.id }), [one.id], 'id');
    },
  },
  {
    id: 'containers-by-sandbox-and-state',
    title: 'A filter by sandbox and state returns only containers that match both',
    source: criApi('ContainerFilter'),
    mutants: {
      'runtime-ignores-state-filter': 'list',
      'runtime-ignores-sandbox-filter': 'list',
    },
    async check({ runtime }) {
      const [one, two] = [await runtime.created(), await runtime.started()];
      const running = { state: 'CONTAINER_RUNNING' } as const;
      expectList(
        await containerIds(runtime, { pod_sandbox_id: one.sandboxId, state: running }),
        [],
        'sandbox and running state',
      );
      expectList(
        await containerIds(runtime, { pod_sandbox_id: two.sandboxId, state: running }),
        [two.id],
        'sandbox and running state',
      );
    },
  },
  {
    id: 'containers-by-label',
    title: 'A filter by labels returns only containers that have all of them',
    source: criApi('ContainerFilter'),
    mutants: { 'runtime-ignores-label-filter': 'list' },
    async check({ runtime }) {
      await runtime.created();
      expectList(
        await containerIds(runtime, { label_selector: { 'ckptest.invalid/no-such-label': 'x' } }),
        [],
        'a label that no container has',
      );
    },
  },
  {
    id: 'sandboxes-by-id-and-state',
    title: 'A filter by id and state returns only sandboxes that match both',
    source: criApi('PodSandboxFilter'),
    mutants: { 'runtime-ignores-id-filter': 'list', 'runtime-ignores-state-filter': 'list' },
    async check({ runtime }) {
      const [{ sandboxId: id }] = [await runtime.created(), await runtime.created()];
      expectList(await sandboxIds(runtime, { id }), [id], 'id');
      expectList(await sandboxIds(runtime, { id, state: { state: 'SANDBOX_NOTREADY' } }), [], 'id and not-ready state');
      expectOk('StopPodSandbox', await runtime.call('StopPodSandbox', { pod_sandbox_id: id }));
      expectList(
        await sandboxIds(runtime, { id, state: { state: 'SANDBOX_NOTREADY' } }),
        [id],
        'id and not-ready state',
      );
    },
  },
]);
