// Expectations: what a spec may say of what it saw. A broken one carries what was expected and what came.
import type { CriUnaryMethod } from '../../proto/load';
import type { HttpAnswer } from './http';
import type { CriOutcome } from './subject';

/** The target broke the rule. */
export class Violation extends Error {
  /** `label` names the expectation; a mutant says by which label it must be noticed. */
  constructor(
    readonly label: string,
    readonly expected: string,
    readonly actual: string,
  ) {
    super(`${label}: expected ${expected}, got ${actual}`);
  }
}

/** The rule does not apply to the target, or cannot be tried on it; either is not its fault. */
export class Unsupported extends Error {
  /** @param kind `not-offered` if the target may leave out what the rule is about */
  constructor(
    message: string,
    readonly kind: 'not-offered' | 'cannot-be-tried' = 'cannot-be-tried',
  ) {
    super(message);
  }
}

const MAX_SHOWN = 300;

/** Any value in one line of bounded length. */
export function show(value: unknown): string {
  const text = typeof value === 'string' ? JSON.stringify(value) : (JSON.stringify(value) ?? String(value));
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}... (${text.length} characters)` : text;
}

/** The general form: `condition`, or a violation in the words given. */
export function expectThat(label: string, condition: boolean, expected: string, actual: unknown): asserts condition {
  if (!condition) throw new Violation(label, expected, typeof actual === 'string' ? actual : show(actual));
}

export function expectEqual<T>(label: string, actual: T, expected: T): void {
  expectThat(label, Object.is(actual, expected), show(expected), show(actual));
}

/** Label `status`. */
export function expectStatus(answer: HttpAnswer, status: number): void {
  expectThat(
    'status',
    answer.status === status,
    `HTTP status ${status}`,
    `${answer.status} with body ${show(answer.body)}`,
  );
}

/** Label `refused`: anything but success. */
export function expectRefused(answer: HttpAnswer): void {
  expectThat(
    'refused',
    answer.status >= 400,
    'a refusal (HTTP status 400 or above)',
    `${answer.status} with body ${show(answer.body)}`,
  );
}

export function expectBodyContains(answer: HttpAnswer, text: string): void {
  expectThat('message', answer.body.includes(text), `a body that contains ${show(text)}`, show(answer.body));
}

/** Label `ok`: the call succeeded. */
export function expectOk<M extends CriUnaryMethod>(
  method: M,
  outcome: CriOutcome<M>,
): asserts outcome is Extract<CriOutcome<M>, { ok: true }> {
  if (!outcome.ok) throw new Violation('ok', `${method} to succeed`, `${outcome.code}: ${outcome.message}`);
}

/** Label `code`: the call failed with one of these gRPC codes, or with any where none is given. */
export function expectFailed<M extends CriUnaryMethod>(
  method: M,
  outcome: CriOutcome<M>,
  ...codes: readonly string[]
): asserts outcome is Extract<CriOutcome<M>, { ok: false }> {
  const expected = codes.length > 0 ? `${method} to fail with ${codes.join(' or ')}` : `${method} to fail`;
  if (outcome.ok) throw new Violation('code', expected, 'success');
  if (codes.length > 0 && !codes.includes(outcome.code))
    throw new Violation('code', expected, `${outcome.code}: ${outcome.message}`);
}
