// The words in which a known runtime refuses: rows of data, and the wrapper that puts them in place of the fake's own.
import { randomBytes } from 'node:crypto';
import { status } from '@grpc/grpc-js';
import type { CriUnaryMethod } from '../../../proto/load';
import { LocationError } from '../../archive/writing/location';
import type { Clock } from '../../base/clock';
import type { CriCall, CriWrapper } from '../../base/cri-call';
import { rfc3339 } from '../../go/time';
import type { RuntimeControl } from '../../runtime/control';
import { StatusError } from '../../runtime/grpc/errors';
import { RuntimeError, type RuntimeErrorReason } from '../../runtime/state/runtime-error';

/** How it is known: seen on a running system, read in the source, or put together from several places of it. */
export type Evidence = 'measured' | 'read' | 'deduced';

/** One refusal of a runtime. */
export interface ErrorMessage {
  readonly methods: readonly CriUnaryMethod[] | 'all';
  /** Why the fake refuses; `location` for whatever is wrong with the place of an archive. */
  readonly when: RuntimeErrorReason | 'location';
  /** Holds only where the fake's own sentence fits. */
  readonly says?: RegExp;
  /** Holds only for ids of sandboxes. */
  readonly ofSandbox?: true;
  readonly code: keyof typeof status;
  /**
   * `{id}` as asked, `{fullId}` where somebody has it, `{location}`, `{image}`, `{said}` (the fake's own sentence), `{1}` of `says`,
   * `{escaped}` (the same within quotes), `{holder}` of a name, `{time}`, `{new}` (an id made for this message).
   */
  readonly message: string;
  readonly source: Evidence;
}

/** Errors of Go that carry no code are Unknown; rows for those of which nothing else is known, so they come last. */
export const uncoded = (reasons: readonly RuntimeErrorReason[]): ErrorMessage[] =>
  reasons.map((when) => ({ methods: 'all', when, code: 'UNKNOWN', message: '{said}', source: 'read' }));

/** How the fake says what is wrong with an id; words for it are one row for each of them. */
export const ID_FAULTS = {
  none: { when: 'not-found', says: /find (?:container|sandbox)/ },
  empty: { when: 'invalid', says: /^(?:container|sandbox) id must not be empty$/ },
  several: { when: 'invalid', says: /is ambiguous/ },
} as const satisfies Record<string, Pick<ErrorMessage, 'when' | 'says'>>;

/** Who has a name that is taken. */
const HOLDER = /is reserved for "([^"]*)"$/;

type Facts = Readonly<Record<string, string | undefined>>;

/** Puts facts into a message; what is not known stays out. */
export const filled = (message: string, facts: Facts) => message.replace(/\{(\w+)\}/g, (_, name) => facts[name] ?? '');

/** A field of a message, where it has one. */
const field = (message: unknown, name: string): unknown =>
  typeof message === 'object' && message !== null && name in message ? Reflect.get(message, name) : undefined;

const text = (value: unknown) => (typeof value === 'string' ? value : undefined);

/** What a request says that a message may repeat. */
function factsOf({ request }: CriCall, runtime: () => RuntimeControl): Facts {
  const id = text(field(request, 'container_id')) ?? text(field(request, 'pod_sandbox_id')) ?? '';
  return {
    id,
    fullId: runtime().container(id)?.id ?? runtime().sandbox(id)?.id ?? id,
    location: text(field(request, 'location')),
    image: text(field(field(field(request, 'config'), 'image'), 'image')),
  };
}

const reasonOf = (error: unknown) =>
  error instanceof RuntimeError ? error.reason : error instanceof LocationError ? 'location' : undefined;

const madeOf = (said: string, part: string | undefined): Facts => ({
  said,
  1: part,
  escaped: part && JSON.stringify(part).slice(1, -1),
  holder: HOLDER.exec(said)?.[1],
  new: randomBytes(32).toString('hex'),
});

/** Says in a runtime's words what the fake refuses; the first row that fits holds, and what fits none passes. */
export function withErrorMessages(
  rows: readonly ErrorMessage[],
  runtime: () => RuntimeControl,
  clock: () => Clock,
): CriWrapper {
  const isSandbox = (id: string | undefined) => id !== undefined && runtime().sandbox(id) !== undefined;
  return (call, next) =>
    next(call).catch((error: unknown) => {
      const reason = reasonOf(error);
      if (reason === undefined || !(error instanceof Error)) throw error;
      const facts = factsOf(call, runtime);
      for (const { methods, when, says, ofSandbox, code, message } of rows) {
        if (when !== reason || !(methods === 'all' || methods.includes(call.method))) continue;
        const found = says?.exec(error.message);
        if ((says && !found) || (ofSandbox && !isSandbox(facts['id']))) continue;
        throw new StatusError(
          status[code],
          filled(message, { ...facts, ...madeOf(error.message, found?.[1]), time: rfc3339(clock().now(), 0) }),
        );
      }
      throw error;
    });
}
