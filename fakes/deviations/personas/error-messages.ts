// Defines error messages of known runtimes as rows of data, and the interceptor that replaces the fake's own messages
// with them.
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

/** How the message is known: measured on a running system, read in the source, or deduced from several facts. */
export type Evidence = 'measured' | 'read' | 'deduced';

/** An error of a runtime. */
export interface ErrorMessage {
  readonly methods: readonly CriUnaryMethod[] | 'all';
  /** The reason for which the fake refuses. `location`: any error about the location of an archive. */
  readonly when: RuntimeErrorReason | 'location';
  /** The row applies only if the fake's message matches. */
  readonly says?: RegExp;
  /** The row applies only to ids of sandboxes. */
  readonly ofSandbox?: true;
  readonly code: keyof typeof status;
  /**
   * The message with placeholders: `{id}`, `{location}` and `{image}` (from the request), `{fullId}` (the complete id
   * of the container or sandbox), `{said}` (the fake's own message), `{1}` (the first group of `says`), `{escaped}`
   * (the first group of `says`, escaped for quotes), `{holder}` (the id to which a name belongs), `{time}`, `{new}` (a
   * new id for this message).
   */
  readonly message: string;
  readonly source: Evidence;
}

/**
 * Returns rows for errors of Go without a code, which gRPC sends as Unknown. These rows must come after all other rows.
 */
export const uncoded = (reasons: readonly RuntimeErrorReason[]): ErrorMessage[] =>
  reasons.map((when) => ({ methods: 'all', when, code: 'UNKNOWN', message: '{said}', source: 'read' }));

/** The fake's own messages about invalid ids. A runtime's rows have one message for each of them. */
export const ID_FAULTS = {
  none: { when: 'not-found', says: /find (?:container|sandbox)/ },
  empty: { when: 'invalid', says: /^(?:container|sandbox) id must not be empty$/ },
  several: { when: 'invalid', says: /is ambiguous/ },
} as const satisfies Record<string, Pick<ErrorMessage, 'when' | 'says'>>;

/** Matches the id to which a reserved name belongs. */
const HOLDER = /is reserved for "([^"]*)"$/;

type Facts = Readonly<Record<string, string | undefined>>;

/** Replaces the placeholders in a message. An unknown placeholder is replaced with an empty text. */
export const filled = (message: string, facts: Facts) => message.replace(/\{(\w+)\}/g, (_, name) => facts[name] ?? '');

/** Returns a field of a message, or undefined if the message does not have the field. */
const field = (message: unknown, name: string): unknown =>
  typeof message === 'object' && message !== null && name in message ? Reflect.get(message, name) : undefined;

const text = (value: unknown) => (typeof value === 'string' ? value : undefined);

/** Returns the parts of a request that a message can repeat. */
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

/**
 * Makes an interceptor that replaces the fake's errors with a runtime's errors. The first matching row is used. If no
 * row matches, the error is not changed.
 */
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
