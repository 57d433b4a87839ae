// Replays recorded calls on a runtime with a persona, and advances the runtime's clock until each call ends.
import { setImmediate } from 'node:timers/promises';
import { Client, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { type CriUnaryMethod, criCall } from '../../../proto/load';
import { ManualClock } from '../../base/clock';
import type { CriStreamMethod } from '../../base/cri-call';
import { type RuntimeServer, startRuntimeServer } from '../../runtime/server';
import { COUNTER } from '../../runtime/testing/test-client';
import { applyToRuntime } from '../apply';
import { persona } from '../personas/personas';
import type { Answer } from './recorded-calls';

/** Calls whose duration is determined by a field of the request. */
const TAKE_TIME: readonly CriUnaryMethod[] = ['StopContainer', 'ExecSync'];

/** The text that replaces an error message that the client itself created. */
export const CLIENT_SIDE = '(client-side deadline)';

const IMAGE = 'docker.io/library/busybox:latest';
/** Images in the registry that some recordings use. */
const IMAGES = ['localhost:5000/busybox:latest'];
const STUBBORN = ['/bin/sh', '-c', "trap '' TERM; while true; do sleep 1; done"];
/**
 * Time by which the clock is advanced for a dump, milliseconds. It is shorter than a second, because recorded messages
 * contain times in seconds.
 */
const DUMP_MS = 100;

/** A runtime with a persona, and the recorded sandbox and container with their recorded ids. */
export class World implements AsyncDisposable {
  /** @param next ids for the sandboxes and containers, in the order of their creation */
  static async start(name: string, next: readonly string[], now: number) {
    const clock = new ManualClock(now);
    const ids = [...next];
    let runtime: RuntimeServer | undefined;
    const control = () => (runtime as RuntimeServer).control;
    const options = { clock, images: IMAGES, ids: { next: () => ids.shift() ?? 'f'.repeat(64) } };
    runtime = await startRuntimeServer(applyToRuntime(options, persona(name).effects(control)));
    return new World(runtime, clock);
  }

  readonly #client: Client;

  constructor(
    readonly runtime: RuntimeServer,
    readonly clock: ManualClock,
  ) {
    this.#client = new Client(runtime.endpoint, credentials.createInsecure());
  }

  /**
   * Makes a call and advances the clock until it ends. The client does not enforce the deadline, only the server does.
   */
  async call(method: CriUnaryMethod, request: object, deadlineMs?: number): Promise<Answer> {
    const { path: name, requestSerialize, responseDeserialize } = criCall(method);
    const metadata = new Metadata();
    if (deadlineMs !== undefined) metadata.set('grpc-timeout', `${deadlineMs}m`);
    let answer: Answer | undefined;
    this.#client.makeUnaryRequest(name, requestSerialize, responseDeserialize, request, metadata, (error, response) => {
      answer = error ? answerOf(error) : { ok: response ?? {} };
    });
    const before = this.runtime.calls.length;
    while (answer === undefined && this.runtime.calls.length === before) await setImmediate();
    for (let ms = 0; ms < DUMP_MS && answer === undefined; ms++) await this.#pass(1);
    while (answer === undefined)
      await this.#pass(this.runtime.calls.at(-1)?.endedAt ? 1000 : TAKE_TIME.includes(method) ? 1 : 0);
    return answer;
  }

  /** Makes a streaming call and counts its messages. */
  stream(method: CriStreamMethod): Promise<Answer> {
    const { path: name, requestSerialize, responseDeserialize } = criCall(method);
    let messages = 0;
    return new Promise((resolve) => {
      this.#client
        .makeServerStreamRequest(name, requestSerialize, responseDeserialize, {})
        .on('data', () => messages++)
        .on('error', (error: ServiceError) => resolve(answerOf(error)))
        .on('end', () => resolve({ ok: { messages } }));
    });
  }

  async #pass(ms: number): Promise<void> {
    if (ms > 0) this.clock.advance(ms);
    await setImmediate();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#client.close();
    await this.runtime.close();
  }
}

const answerOf = ({ code, details }: ServiceError): Answer => ({ code: status[code], message: details });

const SANDBOX = {
  metadata: { name: 'p1', namespace: 'probe', uid: 'uid-1', attempt: 0 },
  linux: { security_context: { namespace_options: { network: 2 } } },
};

/** Brings the container into the state in which the row was recorded. */
export async function prepare(world: World, name: string): Promise<void> {
  const command =
    name === 'stop-grace-1s-ignored' ? STUBBORN : name === 'exit-7' ? ['/bin/sh', '-c', 'exit 7'] : COUNTER;
  await world.call('RunPodSandbox', { config: SANDBOX });
  const { ok } = await world.call('CreateContainer', {
    pod_sandbox_id: [...world.runtime.control.state().sandboxes][0]?.id,
    config: { metadata: { name: 'c' }, image: { image: IMAGE, user_specified_image: IMAGE }, command },
    sandbox_config: SANDBOX,
  });
  const container_id = String(Reflect.get(ok ?? {}, 'container_id'));
  if (name === 'state-created') return;
  await world.call('StartContainer', { container_id });
  if (/exited|removed/.test(name)) world.runtime.control.exit(container_id, 137);
  if (name === 'state-removed') await world.call('RemoveContainer', { container_id });
}

/** Removes process ids from a text, because they differ in every call. */
export const nameless = (text: string) => text.replace(/exec "[0-9a-f]{64}"/, 'exec "{NEW}"');

/**
 * Formats a response for comparison. Of a successful response it contains only ids and the results of commands, because
 * the persona does not determine the rest.
 */
export function shown({ ok, code, message }: Answer): string {
  if (!ok) return message === CLIENT_SIDE ? `${code}` : nameless(`${code}: ${message}`);
  const known = Object.entries(ok).filter(([key]) =>
    /^((container|pod_sandbox)_id|std(out|err)|exit_code|messages)$/.test(key),
  );
  return JSON.stringify(known.map(([key, value]) => [key, String(value)]).sort());
}
