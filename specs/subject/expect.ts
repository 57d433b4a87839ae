// The expectations of specs. The sentences of a violation say what happened and what the rule expects.
import fs from 'node:fs/promises';
import type { CriUnaryMethod } from '../../proto/load';
import type { HttpAnswer } from './http';
import type { CriOutcome } from './subject';

/** The target broke the rule. */
export class Violation extends Error {
  /**
   * @param label name of the expectation. A spec's `mutants` field names the label that must fail on each mutant
   * @param expected what the rule expects, as a noun phrase
   * @param actual what happened to the container, file or request, as a sentence with the values
   * @param about texts that occur in the requests of the relevant calls; reports show these calls first
   */
  constructor(
    readonly label: string,
    readonly expected: string,
    readonly actual: string,
    readonly about: readonly string[] = ['CheckpointContainer '],
  ) {
    super(violationText({ expected, actual }));
  }
}

/** Returns a violation as one text. */
export const violationText = ({ expected, actual }: Pick<Violation, 'expected' | 'actual'>): string =>
  `${actual} (expected: ${expected})`;

/** The rule does not apply to the target or cannot be tested on it. This is not a failure of the target. */
export class Unsupported extends Error {
  /** @param kind `not-offered` if the rule is about an optional feature that the target does not have */
  constructor(
    message: string,
    readonly kind: 'not-offered' | 'cannot-be-tried' = 'cannot-be-tried',
  ) {
    super(message);
  }
}

/** Returns a number with its noun, such as `1 line` or `2 lines`. */
export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

const MAX_SHOWN = 300;

/** Returns any value as one line of limited length. */
export function show(value: unknown): string {
  const text = typeof value === 'string' ? JSON.stringify(value) : (JSON.stringify(value) ?? String(value));
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}... (${text.length} characters)` : text;
}

/** Throws a violation unless the condition holds. The parameters other than the condition are those of `Violation`. */
export function expectThat(
  label: string,
  condition: boolean,
  expected: string,
  actual: string | undefined,
  about?: readonly string[],
): asserts condition {
  if (!condition) throw new Violation(label, expected, actual ?? '', about);
}

const valueText = (value: unknown) => (value === undefined || value === null ? 'missing' : show(value));

/**
 * Expects that a value equals another value.
 * @param what the actual value, as the subject of a sentence
 */
export function expectEqual<T>(label: string, actual: T, expected: T, what: string): void {
  const wanted = expected === undefined || expected === null ? 'none' : show(expected);
  expectThat(label, Object.is(actual, expected), wanted, `${what} is ${valueText(actual)}`);
}

const answerText = ({ status, body }: HttpAnswer) =>
  body === '' ? `HTTP ${status} without a body` : `HTTP ${status} with the body ${show(body)}`;

/**
 * Expects the HTTP status of a response. A failure has the label `status`.
 *
 * @param what the request, as the subject of a sentence
 */
export function expectStatus(answer: HttpAnswer, status: number, what: string): void {
  expectThat('status', answer.status === status, `HTTP ${status}`, `${what} got ${answerText(answer)}`);
}

/** Expects a status of 400 or above. A failure has the label `refused`. */
export function expectRefused(answer: HttpAnswer, what: string): void {
  expectThat(
    'refused',
    answer.status >= 400,
    'a refusal, HTTP 400 or above',
    `${what} was not refused: it got ${answerText(answer)}`,
  );
}

/** Expects a status of 300 or above. A failure has the label `not-success`. */
export function expectNoSuccess(answer: HttpAnswer, what: string): void {
  expectThat(
    'not-success',
    answer.status >= 300,
    'a redirect or a refusal, HTTP 300 or above',
    `${what} succeeded: it got ${answerText(answer)}`,
  );
}

/** Expects that the body of a response contains a text. A failure has the label `message`. */
export function expectBodyContains(answer: HttpAnswer, text: string, what: string): void {
  expectThat(
    'message',
    answer.body.includes(text),
    `a body that contains ${show(text)}`,
    `${what} got ${answerText(answer)}`,
  );
}

/** Expects that a CRI call succeeded. A failure has the label `ok`. */
export function expectOk<M extends CriUnaryMethod>(
  method: M,
  outcome: CriOutcome<M>,
  what = `The call ${method}`,
): asserts outcome is Extract<CriOutcome<M>, { ok: true }> {
  if (!outcome.ok)
    throw new Violation('ok', `success of ${method}`, `${what} failed with ${outcome.code}: ${outcome.message}`, [
      `${method} `,
    ]);
}

/**
 * Expects that a CRI call failed. If it did not, the failure has the label `code`.
 *
 * @param what the call, as the subject of a sentence
 * @param codes the gRPC codes with which the call may fail. Default: any code
 */
export function expectFailed<M extends CriUnaryMethod>(
  method: M,
  outcome: CriOutcome<M>,
  what: string,
  ...codes: readonly string[]
): asserts outcome is Extract<CriOutcome<M>, { ok: false }> {
  const expected = codes.length > 0 ? `an error with the code ${codes.join(' or ')}` : 'an error';
  const about = [`${method} `];
  if (outcome.ok) throw new Violation('code', expected, `${what} succeeded`, about);
  if (codes.length > 0 && !codes.includes(outcome.code))
    throw new Violation('code', expected, `${what} failed with ${outcome.code}: ${outcome.message}`, about);
}

/** Expects that a directory is still empty. A failure has the label `left-over`. */
export async function expectStillEmpty(directory: string, what: string): Promise<void> {
  const names = await fs.readdir(directory);
  expectThat(
    'left-over',
    names.length === 0,
    'nothing in its directory',
    `${what} left files behind: ${names.join(', ')}`,
  );
}

/** Returns the permissions of a file in octal notation, such as 0600. */
export const modeText = (mode: number): string => (mode & 0o777).toString(8).padStart(4, '0');
