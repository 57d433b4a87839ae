// The faults of a node: a plan that can be changed at any time, as wrappers for the three wires.
import { status } from '@grpc/grpc-js';
import type { CriResponseInit } from '../../proto/load';
import type { ArchiveJob, ArchiveWrapper } from '../archive/job';
import type { Clock } from '../base/clock';
import type { CriMessages, CriStreamCall, CriStreamMethod, CriStreamWrapper, CriWrapper } from '../base/cri-call';
import { pause } from '../base/waiting';
import type { HttpRequest, HttpResponse, HttpWrapper } from '../go/net-http/exchange';
import type { RuntimeControl } from '../runtime/control';
import { StatusError } from '../runtime/grpc/errors';
import { archiveFacts, criFacts, httpFacts } from './facts';
import { Matcher, type RuleReport } from './matcher';
import { type PlannedRule, readPlan } from './read-plan';
import type { Action, ArchiveFault, FaultRule } from './rule';

export interface FaultParts {
  readonly clock: Clock;
  /** The back door to the runtime, once it runs; throws where there is none. */
  readonly control: () => RuntimeControl;
  /** Writes an archive with a fault. */
  readonly writeArchive: (
    fault: ArchiveFault,
    job: ArchiveJob,
    write: (job: ArchiveJob) => Promise<void>,
    clock: Clock,
  ) => Promise<void>;
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

function milliseconds(delay: number | string): number {
  if (typeof delay === 'number') return delay;
  const [, amount, unit] = /^([0-9.]+)(ms|s|m|h)$/.exec(delay) ?? [];
  return Number(amount) * (UNITS[unit ?? ''] ?? 1);
}

/** Never settles but with the reason of an abort. */
function forever(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

export class Faults {
  readonly #matcher = new Matcher();
  readonly #parts: FaultParts;

  constructor(parts: FaultParts) {
    this.#parts = parts;
  }

  /** Takes the place of all rules. Throws a UserError for a rule that makes no sense. */
  set(rules: readonly FaultRule[]): void {
    const checked = readPlan(JSON.stringify(rules.map(withoutPlace)), 'faults', false);
    this.#matcher.set(checked.map((rule, index) => ({ ...rule, ...placeOf(rules[index]) })));
  }

  clear(): void {
    this.#matcher.set([]);
  }

  /** All rules, with how often each has fitted and was used. */
  get report(): readonly RuleReport[] {
    return this.#matcher.report;
  }

  /** Rules that no call has met. */
  get unused(): readonly PlannedRule[] {
    return this.report.filter(({ used }) => used === 0).map(({ rule }) => rule);
  }

  /** For the runtime's calls, outside of everything else. */
  readonly cri: CriWrapper = async (call, next) => {
    const action = this.#matcher.take('cri', () => criFacts(call, this.#parts.control));
    if (!action) return next(call);
    await this.#before(action, call.signal);
    const response = await next(call);
    if (action.archive === 'frozen-container' && 'container_id' in call.request) {
      this.#parts.control().freeze(call.request.container_id);
    }
    return response;
  };

  /** As `cri`, for calls that stream; what fails does so before the first message. */
  readonly streams: CriStreamWrapper = (call, next) => {
    const action = this.#matcher.take('cri', () => criFacts(call, this.#parts.control));
    return action ? this.#onStream(action, call, next) : next(call);
  };

  /** For archives, next to the disk. */
  readonly archive: ArchiveWrapper = async (job, next) => {
    const action = this.#matcher.take('archive', () => archiveFacts(job));
    if (!action) return next(job);
    await this.#delay(action, job.signal);
    return this.#parts.writeArchive(action.archive ?? 'missing', job, next, this.#parts.clock);
  };

  /** For the kubelet's requests. */
  readonly http: HttpWrapper = (request, next) => this.#onHttp('http', request, next);

  /** For requests to a kubelet on their way through an API server. */
  readonly api: HttpWrapper = (request, next) =>
    /^\/api\/v1\/nodes\/[^/]+\/proxy\//.test(request.target) ? this.#onHttp('api', request, next) : next(request);

  async #onHttp(
    wire: 'http' | 'api',
    request: HttpRequest,
    next: (request: HttpRequest) => Promise<HttpResponse>,
  ): Promise<HttpResponse> {
    const action = this.#matcher.take(wire, () => httpFacts(request));
    if (!action) return next(request);
    await this.#delay(action, request.signal);
    if (action.hang) return forever(request.signal);
    // The connection of a request without an answer ends, as when a handler of Go panics.
    if (action.reset) throw new Error('reset by the fault plan');
    const own: HttpResponse | undefined =
      action.status === undefined ? undefined : { status: action.status, headers: [], body: action.body ?? '' };
    const response = own ?? (await next(request));
    return cut({ ...response, body: action.body ?? response.body }, action.truncate);
  }

  async #delay({ delay }: Action, signal: AbortSignal): Promise<void> {
    if (delay !== undefined) await pause(this.#parts.clock, milliseconds(delay), signal);
  }

  /** What an action does before the call is answered; throws where it is not to be. */
  async #before(action: Action, signal: AbortSignal): Promise<void> {
    const { control } = this.#parts;
    await this.#delay(action, signal);
    if (action.abort) throw new StatusError(status[action.abort.code], action.abort.message ?? '');
    if (action.hang) return forever(signal);
    if (action.disconnect) {
      control().disconnect();
      return forever(signal);
    }
    if (action.restart) {
      await control().restart();
      throw new StatusError(status.UNAVAILABLE, 'the runtime was restarted');
    }
  }

  async *#onStream(
    action: Action,
    call: CriStreamCall,
    next: (call: CriStreamCall) => CriMessages,
  ): AsyncGenerator<CriResponseInit<CriStreamMethod>> {
    await this.#before(action, call.signal);
    yield* next(call);
  }
}

const placeOf = (rule: PlannedRule | undefined) => rule?.at !== undefined && { at: rule.at };

const withoutPlace = ({ at: _, ...rule }: PlannedRule): FaultRule => rule;

/** An answer whose body ends too early; its length says what was to come. */
function cut(response: HttpResponse, bytes: number | undefined): HttpResponse {
  if (bytes === undefined) return response;
  const body = Buffer.from(response.body);
  const headers = response.headers.filter(([name]) => !/^(content-length|connection|transfer-encoding)$/i.test(name));
  return {
    ...response,
    headers: [...headers, ['Content-Length', String(body.length)], ['Connection', 'close']],
    body: body.subarray(0, bytes).toString(),
  };
}

/** The sentence for a rule that was never used. */
export const unusedSentence = ({ at, match, do: action }: PlannedRule): string =>
  `${at}: this fault was never used: ${JSON.stringify({ match: match ?? {}, do: action })}`;
