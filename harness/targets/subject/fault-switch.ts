// Faults of the fake runtime that last as long as one action of a spec.
import { status } from '@grpc/grpc-js';
import type { ArchiveWrapper } from '../../../fakes/archive/job';
import { systemClock } from '../../../fakes/base/clock';
import { type CriWrapper, onMethod } from '../../../fakes/base/cri-call';
import { pause } from '../../../fakes/base/waiting';
import type { CallRecord } from '../../../fakes/runtime/grpc/call-log';
import { StatusError } from '../../../fakes/runtime/grpc/errors';
import type { RuntimeFault, SeenCheckpoint } from '../../../specs/subject/subject';
import type { RuntimeHold } from './kubelet-node';

/** How gRPC's Go server words it for a call that a service declares and does not have. */
export const REFUSAL = { abort: { code: 'UNIMPLEMENTED', message: 'method CheckpointContainer not implemented' } };

const isCode = (name: string): name is keyof typeof status => name in status;

export class FaultSwitch {
  #fault: Exclude<RuntimeFault, 'refuses'> | undefined;
  #slowMs = 0;
  #over = new AbortController();

  /** To be put around the runtime's answers. */
  readonly wrapper: CriWrapper = onMethod('CheckpointContainer', async (call, next) => {
    const fault = this.#fault;
    if (fault === undefined) return next(call);
    if ('abort' in fault) {
      const { code, message } = fault.abort;
      throw new StatusError(isCode(code) ? status[code] : status.UNKNOWN, message);
    }
    await this.#wait(fault.delaySeconds, call.signal);
    return next(call);
  });

  /** To be put around the writing of archives. */
  readonly archive: ArchiveWrapper = async (job, next) => {
    if (this.#slowMs > 0) await this.#wait(this.#slowMs / 1000, job.signal);
    await next(job);
  };

  /** Every checkpoint lasts so much longer while `action` runs. */
  async slowly<T>(milliseconds: number, action: () => Promise<T>): Promise<T> {
    this.#slowMs = milliseconds;
    try {
      return await action();
    } finally {
      this.#slowMs = 0;
    }
  }

  async during<T>(fault: RuntimeFault, action: () => Promise<T>): Promise<T> {
    this.#fault = fault === 'refuses' ? REFUSAL : fault;
    try {
      return await action();
    } finally {
      this.#fault = undefined;
      this.#over.abort();
      this.#over = new AbortController();
    }
  }

  /** Until the time or the fault is over. */
  #wait(seconds: number, signal: AbortSignal): Promise<void> {
    return pause(systemClock, seconds * 1000, signal);
  }
}

/** The hold on a fake runtime: its faults and its call log. */
export function holdOn(faults: FaultSwitch, calls: () => readonly CallRecord[]): RuntimeHold {
  return {
    during: (fault, action) => faults.during(fault, action),
    async watch() {
      const last = calls().at(-1)?.index ?? 0;
      const callsSoFar = () =>
        calls().flatMap((row) => (row.index > last && row.method === 'CheckpointContainer' ? [seen(row)] : []));
      return { callsSoFar, end: async () => callsSoFar() };
    },
  };
}

/** A row leaves out what has its default value. */
const seen = ({ method, request, deadlineSeconds, endedAt, error }: CallRecord): SeenCheckpoint => ({
  method,
  request: { container_id: '', location: '', timeout: '0', ...request },
  deadlineSeconds,
  ended: endedAt === undefined ? undefined : (error?.code ?? 'OK'),
});
