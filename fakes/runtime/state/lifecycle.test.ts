// Tests with random sequences of calls that no illegal state is reached, and that lists, statuses and events agree.
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  type CriRequestInit,
  type CriResponse,
  type CriResponseInit,
  type CriUnaryMethod,
  criCall,
} from '../../../proto/load';
import { ManualClock } from '../../base/clock';
import { SeededIds } from '../../base/ids';
import { containerCalls } from '../api/container-calls';
import type { Runtime } from '../api/context';
import { EventHub } from '../api/event-hub';
import { execCalls } from '../api/exec-calls';
import { ExecRules } from '../api/exec-rules';
import { sandboxCalls } from '../api/sandbox-calls';
import { statsCalls } from '../api/stats-calls';
import { Restorer } from '../checkpoint/restorer';
import { runtimeControl } from '../control';
import type { UnaryHandlers } from '../grpc/calls';
import { EncodedResponse } from '../grpc/encoded-response';
import { imageAt, parseReference } from './images';
import { Lifecycle } from './lifecycle';
import { Registry } from './registry';
import { RuntimeError } from './runtime-error';
import { DEFAULT_SETTINGS } from './settings';
import { afterMove, CONTAINER_MOVES, CONTAINER_STATES, isLivePhase, SANDBOX_MOVES } from './state';
import { Store } from './store';

function world() {
  const clock = new ManualClock();
  const store = new Store();
  const image = store.addImage(imageAt(parseReference('busybox')));
  const registry = new Registry(clock);
  const execRules = new ExecRules();
  const events = new EventHub(store, clock);
  const lifecycle = new Lifecycle(store, clock);
  const restorer = new Restorer({ store, registry, support: 'none' });
  const common = { restorer, settings: DEFAULT_SETTINGS, handlers: [], stateDirectory: '/' };
  const runtime: Runtime = { store, lifecycle, clock, ids: new SeededIds('x'), events, registry, execRules, ...common };
  const handlers: UnaryHandlers = {
    ...sandboxCalls(runtime),
    ...containerCalls(runtime),
    ...execCalls(runtime),
    ...statsCalls(runtime),
  };
  /** The states of all sandboxes and containers, according to the events alone. */
  const fromEvents = new Map<string, string>();
  store.watchers.add(({ kind, id }) => {
    const sequel = { '': 'CREATED', CREATED: 'STARTED STOPPED DELETED', STARTED: 'STOPPED', STOPPED: 'DELETED' };
    const before = Object.entries(sequel).find(([state]) => state === (fromEvents.get(id) ?? ''))?.[1];
    const state = kind.replace(/^CONTAINER_|_EVENT$/g, '');
    expect(before?.split(' ')).toContain(state);
    if (state === 'DELETED') fromEvents.delete(id);
    else fromEvents.set(id, state);
  });
  const control = runtimeControl({
    store,
    lifecycle,
    registry,
    execRules,
    pace: { millisecondsPerMiB: 0 },
    images: [image],
    checkpointImage: async () => image,
    clearLog: () => {},
    disconnect: () => {},
    restart: async () => {},
  });
  const respond = async <M extends CriUnaryMethod>(method: M, request: CriRequestInit<M>) => {
    const { requestSerialize, requestDeserialize } = criCall(method);
    const { signal } = new AbortController();
    const full = requestDeserialize(requestSerialize(request));
    return handlers[method]?.({ method, request: full, deadlineSeconds: undefined, signal });
  };
  /** Calls `respond` and decodes encoded responses. */
  const call = async <M extends CriUnaryMethod>(method: M, request: CriRequestInit<M>) => {
    const response = await respond(method, request);
    return response instanceof EncodedResponse ? (response.decode() as CriResponseInit<M>) : response;
  };
  return { clock, store, control, respond, call, fromEvents };
}
type World = ReturnType<typeof world>;

const SCRIPTS = ['while true; do sleep 1; done', 'sleep 3; exit 4', "trap '' TERM; sleep 100", 'exit 0'];

/** Returns an existing id or an unknown id. */
const pick = (ids: Iterable<string>, n: number) => [...ids, 'f00'][n % ([...ids].length + 1)] ?? '';

type Step = (w: World, a: number, b: number) => unknown;
const STEPS: Readonly<Record<string, Step>> = {
  run: ({ call }, a) =>
    call('RunPodSandbox', { config: { metadata: { name: `p${a % 3}`, namespace: 'n', uid: 'u' } } }),
  stopPod: ({ call, store }, a) => call('StopPodSandbox', { pod_sandbox_id: pick(store.sandboxes.keys(), a) }),
  removePod: ({ call, store }, a) => call('RemovePodSandbox', { pod_sandbox_id: pick(store.sandboxes.keys(), a) }),
  create: ({ call, store }, a, b) =>
    call('CreateContainer', {
      pod_sandbox_id: pick(store.sandboxes.keys(), a),
      config: {
        metadata: { name: `c${b % 2}`, attempt: b % 3 },
        image: { image: 'busybox' },
        command: ['sh', '-c', SCRIPTS[b % SCRIPTS.length] ?? ''],
      },
    }),
  start: ({ call, store }, a) => call('StartContainer', { container_id: pick(store.containers.keys(), a) }),
  stop: ({ call, store, clock }, a, b) => {
    const stopped = call('StopContainer', { container_id: pick(store.containers.keys(), a), timeout: b % 3 });
    clock.advance(3000);
    return stopped;
  },
  remove: ({ call, store }, a) => call('RemoveContainer', { container_id: pick(store.containers.keys(), a) }),
  freeze: ({ control, store }, a) => control.freeze(pick(store.containers.keys(), a)),
  thaw: ({ control, store }, a) => control.thaw(pick(store.containers.keys(), a)),
  exit: ({ control, store }, a, b) => control.exit(pick(store.containers.keys(), a), b % 256),
  wait: ({ clock }, a) => clock.advance(a * 100),
  exec: ({ call, store }, a) => call('ExecSync', { container_id: pick(store.containers.keys(), a), cmd: ['true'] }),
  update: ({ call, store }, a, b) =>
    call('UpdateContainerResources', {
      container_id: pick(store.containers.keys(), a),
      linux: { cpu_shares: b },
    }),
  reopen: ({ call, store }, a) => call('ReopenContainerLog', { container_id: pick(store.containers.keys(), a) }),
};

const EVENT_STATES = {
  CREATED: 'CONTAINER_CREATED',
  STARTED: 'CONTAINER_RUNNING',
  STOPPED: 'CONTAINER_EXITED',
} as const;

/** Checks that the events and the lists agree, and that the encoded lists are the same as freshly encoded ones. */
async function checkEvents({ fromEvents, respond }: World): Promise<void> {
  const listed = async <M extends 'ListContainers' | 'ListPodSandbox'>(method: M) => {
    const { responseSerialize, responseDeserialize } = criCall(method);
    const list = await respond(method, {});
    if (!(list instanceof EncodedResponse)) throw new Error(`${method} was not encoded`);
    expect(list.decode()).toEqual(responseDeserialize(responseSerialize(list.logged as CriResponseInit<M>)));
    return list.decode() as CriResponse<M>;
  };
  const { containers } = await listed('ListContainers');
  const { items } = await listed('ListPodSandbox');
  const states = Object.entries(EVENT_STATES);
  const eventState = (id: string) => states.find(([word]) => word === fromEvents.get(id))?.[1];
  expect(containers.map(({ id }) => eventState(id))).toEqual(containers.map(({ state }) => state));
  const ready = items.map(({ state }) => (state === 'SANDBOX_READY' ? 'STARTED' : 'STOPPED'));
  expect(items.map(({ id }) => fromEvents.get(id))).toEqual(ready);
  expect(fromEvents.size).toBe(containers.length + items.length);
}

/** The order of the phases. The rank of a container never decreases. */
const RANK = { created: 0, running: 1, frozen: 1, exited: 2, removed: 3 } as const;

async function check(w: World, before: ReadonlyMap<string, number>): Promise<Map<string, number>> {
  const { store, call, clock } = w;
  const { containers } = (await call('ListContainers', {})) ?? {};
  await checkEvents(w);
  const { stats } = (await call('ListContainerStats', {})) ?? {};
  expect(stats?.length).toBe([...store.containers.values()].filter(({ phase }) => isLivePhase(phase)).length);
  expect(containers?.map(({ id }) => id)).toEqual([...store.containers.keys()]);
  for (const container of store.containers.values()) {
    const { id, phase, sandbox, startedAt, finishedAt, frozenBy } = container;
    const { status } = (await call('ContainerStatus', { container_id: id })) ?? {};
    expect(status?.state).toBe(CONTAINER_STATES[phase]);
    expect(containers?.find((item) => item.id === id)?.state).toBe(CONTAINER_STATES[phase]);
    expect(RANK[phase]).toBeGreaterThanOrEqual(before.get(id) ?? 0);
    expect(store.sandboxes.get(sandbox.id)).toBe(sandbox);
    expect(sandbox.containers.has(container)).toBe(true);
    expect(sandbox.phase === 'stopped' && isLivePhase(phase)).toBe(false);
    expect(frozenBy.size > 0).toBe(phase === 'frozen');
    expect(startedAt === '0').toBe(phase === 'created');
    expect(finishedAt === '0').toBe(phase !== 'exited');
    if (phase === 'exited') expect(BigInt(finishedAt) >= BigInt(startedAt)).toBe(true);
  }
  const states = ['CONTAINER_CREATED', 'CONTAINER_RUNNING', 'CONTAINER_EXITED'] as const;
  const parts = await Promise.all(states.map((state) => call('ListContainers', { filter: { state: { state } } })));
  expect(parts.flatMap((part) => part?.containers ?? []).length).toBe(store.containers.size);
  for (const sandbox of store.sandboxes.values()) {
    const own = await call('ListContainers', { filter: { pod_sandbox_id: sandbox.id } });
    expect(own?.containers?.length).toBe(sandbox.containers.size);
  }
  const names = [...store.containers.values()].map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  const alive = [...store.containers.values()].filter(({ phase }) => phase === 'running').length;
  expect(clock.pending).toBeLessThanOrEqual(alive);
  return new Map([...store.containers.values()].map(({ id, phase }) => [id, RANK[phase]]));
}

test('no sequence of calls reaches an illegal state', async () => {
  const step = fc.tuple(fc.constantFrom(...Object.keys(STEPS)), fc.nat(20), fc.nat(20));
  // Create pods and containers first, so that the random calls can act on them.
  const start = fc.constantFrom<[string, number, number][]>(
    [],
    [['run', 0, 0]],
    [
      ['run', 0, 0],
      ['run', 1, 0],
      ['create', 0, 0],
      ['create', 1, 1],
      ['start', 0, 0],
    ],
  );
  await fc.assert(
    fc.asyncProperty(start, fc.array(step, { maxLength: 40 }), async (first, then) => {
      const w = world();
      let ranks = new Map<string, number>();
      for (const [name, a, b] of [...first, ...then]) {
        try {
          await STEPS[name]?.(w, a, b);
        } catch (error) {
          expect(error).toBeInstanceOf(RuntimeError);
        }
        ranks = await check(w, ranks);
      }
      w.control.reset();
      expect([w.store.containers.size, w.store.sandboxes.size, w.clock.pending]).toEqual([0, 0, 0]);
    }),
    { numRuns: 150 },
  );
});

test('a move that the table does not contain is refused and changes nothing', () => {
  for (const [move, from] of Object.entries(CONTAINER_MOVES)) {
    for (const phase of ['created', 'running', 'frozen', 'exited', 'removed'] as const) {
      const known = Object.keys(CONTAINER_MOVES).find((name): name is keyof typeof CONTAINER_MOVES => name === move);
      if (known === undefined || from[phase] !== undefined) continue;
      expect(() => afterMove(CONTAINER_MOVES, phase, known)).toThrow(`cannot ${move} what is ${phase}`);
    }
  }
  expect(() => afterMove(SANDBOX_MOVES, 'ready', 'remove')).toThrow(RuntimeError);
});
