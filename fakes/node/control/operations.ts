// Defines the operations of the control address by path and method. openapi.yaml describes them.

import { UserError } from '../../base/user-error';
import { parseMilliseconds } from '../../faults/duration';
import { readPlan } from '../../faults/read-plan';
import { isCheckpointImage } from '../../runtime/checkpoint/checkpoint-image';
import type { CallRecord } from '../../runtime/grpc/call-log';
import type { RequirePath } from './allowed-paths';
import { FILTER_KEYS, selectedRows } from './call-filter';
import type { Controlled } from './controlled';

export interface ControlRequest {
  readonly query: URLSearchParams;
  readonly body: string;
  /** Checks the paths of the host in the body. */
  readonly requirePath: RequirePath;
}

/** A response: a JSON document, or no content. */
export interface ControlAnswer {
  readonly status: number;
  readonly document?: object;
}

export type Operation = (target: Controlled, request: ControlRequest) => ControlAnswer | Promise<ControlAnswer>;

const ok = (document: object): ControlAnswer => ({ status: 200, document });
const NO_CONTENT: ControlAnswer = { status: 204 };

/** Returns a row in the form of a kubelet's recorded calls, with its start and end added. */
function row({ index, startedAt, endedAt, ...call }: CallRecord, origin: number): object {
  const { service, method, deadlineSeconds, request, response, error } = call;
  return {
    i: index,
    t: Math.round(startedAt - origin),
    service,
    method,
    ...(deadlineSeconds !== undefined && { deadlineSeconds }),
    request,
    ...(response && { response }),
    ...(error && { error }),
    startedAt,
    ...(endedAt !== undefined && { endedAt }),
  };
}

const faults = ({ faults: { report } }: Controlled): ControlAnswer =>
  ok({
    faults: report.map(({ rule: { match = {}, times = 1, do: action, at }, seen, used }) => ({
      match,
      times,
      do: action,
      ...(at !== undefined && { at }),
      seen,
      used,
    })),
  });

function milliseconds(value: unknown): number {
  const found = parseMilliseconds(value);
  if (found === undefined) {
    throw new UserError(
      `advance: ${JSON.stringify(value)} is not a duration: give milliseconds, or a number with a unit as in 90s`,
    );
  }
  return found;
}

function parseTime(value: unknown): number {
  const time = typeof value === 'number' ? value : Date.parse(String(value));
  if (Number.isNaN(time)) {
    throw new UserError(
      `set: ${JSON.stringify(value)} is not a time: write one such as 2026-01-01T00:00:00Z, or milliseconds since the epoch`,
    );
  }
  return time;
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function fieldsOf(body: string, known: readonly string[]): Record<string, unknown> {
  const document = parsed(body);
  if (typeof document !== 'object' || document === null || Array.isArray(document)) {
    throw new UserError(`the body is not a JSON object: send one with ${known.join(' or ')}`);
  }
  const fields = Object.entries(document);
  for (const [key] of fields) {
    if (!known.includes(key))
      throw new UserError(`the body has an unknown key ${key}: the keys are ${known.join(' and ')}`);
  }
  if (fields.length !== 1)
    throw new UserError(`the body has ${fields.length} keys: give one of ${known.join(' and ')}`);
  return Object.fromEntries(fields);
}

async function moveClock({ clock }: Controlled, { body }: ControlRequest): Promise<ControlAnswer> {
  const { set, advance } = fieldsOf(body, ['set', 'advance']);
  if (set !== undefined) await clock.setInTurns(parseTime(set));
  else await clock.advanceInTurns(milliseconds(advance));
  return ok({ now: new Date(clock.now()).toISOString() });
}

function setCheckpointTime(target: Controlled, { body }: ControlRequest): ControlAnswer {
  const { millisecondsPerMiB: ms } = fieldsOf(body, ['millisecondsPerMiB']);
  if (typeof ms !== 'number' || !Number.isFinite(ms) || ms < 0)
    throw new UserError(
      `millisecondsPerMiB: ${JSON.stringify(ms)} is not a time: give a number of milliseconds, 0 or more`,
    );
  target.setCheckpointTime(ms);
  return NO_CONTENT;
}

async function addImage(target: Controlled, { body, requirePath }: ControlRequest): Promise<ControlAnswer> {
  const fields: unknown = parsed(body);
  if (!isCheckpointImage(fields)) {
    throw new UserError(
      'the body is not an image: send {"reference": NAME, "archive": PATH} and optionally "builder": "checkpointctl" or "cri-o"',
    );
  }
  requirePath(fields.archive);
  await target.addCheckpointImage(fields);
  return NO_CONTENT;
}

async function removePod(target: Controlled, { query }: ControlRequest): Promise<ControlAnswer> {
  const [namespace, name] = [query.get('namespace'), query.get('name')];
  if (!namespace || !name) throw new UserError('name the pod: DELETE /pods?namespace=NAMESPACE&name=NAME');
  if (await target.removePod(namespace, name)) return NO_CONTENT;
  return { status: 404, document: { error: `pod ${namespace}/${name} does not exist` } };
}

export const OPERATIONS: Readonly<Record<string, Readonly<Record<string, Operation>>>> = {
  '/healthz': { GET: () => ok({ status: 'ok' }) },
  '/state': { GET: (target) => ok({ now: new Date(target.clock.now()).toISOString(), ...target.state() }) },
  '/calls': {
    GET: (target, { query }) => {
      const origin = target.calls()[0]?.startedAt ?? 0;
      const { calls, requests } = selectedRows(target, query);
      return ok({ calls: calls.map((call) => row(call, origin)), requests });
    },
  },
  '/faults': {
    GET: faults,
    PUT: (target, { body }) => {
      target.faults.set(readPlan(body, 'the plan'));
      return faults(target);
    },
    DELETE: (target) => {
      target.faults.clear();
      return NO_CONTENT;
    },
  },
  '/reset': {
    POST: async (target) => {
      await target.reset();
      return NO_CONTENT;
    },
  },
  '/pods': {
    POST: async (target, { body, requirePath }) => ({
      status: 201,
      document: { pods: await target.addPod(body, requirePath) },
    }),
    DELETE: removePod,
  },
  '/images': { POST: addImage },
  '/clock': { PUT: moveClock },
  '/checkpoint-time': { PUT: setCheckpointTime },
};

/** The query parameters of operations. */
export const PARAMETERS: Readonly<Record<string, readonly string[]>> = {
  'GET /calls': FILTER_KEYS,
  'DELETE /pods': ['namespace', 'name'],
};
