// Determines which failures are expected: deviations of kubelets from their documentation, and entries of a list.

import fs from 'node:fs';
import { errorText } from '../../fakes/base/error-text';
import { nearest } from '../../fakes/base/nearest';
import { UserError } from '../../fakes/base/user-error';
import { yamlValue } from '../../fakes/base/yaml-text';
import type { Spec } from '../../specs/subject/spec';
import type { KnownFailure } from './known-failure';
import { fileOfList, knownListNames } from './known-lists';
import type { Result } from './results';

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const KEYS = ['id', 'reason', 'link', 'expires'] as const;
const OPTIONAL_KEYS = ['unsteady'] as const;
const ALL_KEYS: readonly string[] = [...KEYS, ...OPTIONAL_KEYS];

function text(where: string, key: string, value: unknown): string {
  if (typeof value !== 'string') throw new UserError(`${where} lacks ${key}, a string`);
  return value;
}

function entry(file: string, index: number, value: unknown): KnownFailure {
  const where = `${file}: entry ${index + 1}`;
  if (typeof value !== 'object' || value === null)
    throw new UserError(`${where} is not a mapping with ${KEYS.join(', ')}`);
  const row = value as Record<string, unknown>;
  const unknown = Object.keys(row).find((key) => !ALL_KEYS.includes(key));
  if (unknown !== undefined)
    throw new UserError(`${where} has the unknown key ${unknown}; known are ${ALL_KEYS.join(', ')}`);
  const word = (key: (typeof KEYS)[number]) => text(where, key, row[key]);
  const [id, reason, link, expires] = [word('id'), word('reason'), word('link'), word('expires')];
  if (!DAY.test(expires)) throw new UserError(`${where}: expires ${expires} is not a day such as 2026-12-31`);
  const { unsteady = false } = row;
  if (typeof unsteady !== 'boolean') throw new UserError(`${where}: unsteady is not true or false`);
  return { id, reason, link, expires, ...(unsteady && { unsteady }) };
}

/**
 * Reads a YAML list of known failures.
 *
 * @param file path of the list
 * @param catalogue the specs whose ids entries may have
 * @throws UserError that names file, entry and key
 */
export function readKnownFailures(file: string, catalogue: readonly Spec[]): readonly KnownFailure[] {
  let document: unknown;
  try {
    document = yamlValue(fs.readFileSync(file, 'utf8'));
  } catch (error) {
    throw new UserError(
      `--known-failures ${file}: ${errorText(error).split('\n')[0]?.replace(/:$/, '')}; name a file, or one of the lists ${knownListNames().join(', ')}`,
    );
  }
  if (!Array.isArray(document))
    throw new UserError(`--known-failures ${file}: it is not a YAML list; write entries with ${KEYS.join(', ')}`);
  const entries = document.map((value: unknown, index) => entry(file, index, value));
  const unknownEntry = entries.find(({ id }) => !catalogue.some((spec) => spec.id === id));
  if (unknownEntry) {
    const near = nearest(
      unknownEntry.id,
      catalogue.map(({ id }) => id),
    );
    throw new UserError(
      `--known-failures ${file}: no spec has the id ${unknownEntry.id}; the nearest ids are ${near.join(', ')}`,
    );
  }
  const twice = entries.find(({ id }, index) => entries.findIndex((other) => other.id === id) < index);
  if (twice) throw new UserError(`--known-failures ${file}: ${twice.id} is listed twice; keep one entry`);
  return entries;
}

const hasExpired = ({ expires }: KnownFailure, today: string) => today > expires;

/**
 * Reads built-in lists.
 *
 * @param names names of lists, such as `cri-o-1.37` and `cri-o-1.37+restore`
 */
export const readKnownLists = (names: readonly string[], catalogue: readonly Spec[]): readonly KnownFailure[] =>
  names.flatMap((name) => readKnownFailures(fileOfList(name) ?? name, catalogue));

/** The beginning of the reason if a rule passes although it is listed. */
export const LISTED_PASS = 'it is listed as a known failure and passes';

/** Matches the reason of a listed failure: reason, link, whether it is unsteady, and expiry date. */
const LISTED = /^(.*) \((\S+), (unsteady, )?until (\d{4}-\d{2}-\d{2})\)$/s;

/**
 * Parses the reason of a known failure. Returns the entry of the list without its id; undefined if the reason comes
 * from the catalogue and not from a list.
 */
export function listedIn(reason: string): Omit<KnownFailure, 'id'> | undefined {
  const [, why, link, unsteady, expires] = LISTED.exec(reason) ?? [];
  return why && link && expires ? { reason: why, link, expires, ...(unsteady && { unsteady: true }) } : undefined;
}

/**
 * Returns why a failure of a spec is expected. The reason in the list has precedence over the reason in the catalogue.
 * Returns undefined if the failure is not expected.
 *
 * @param today the date, as YYYY-MM-DD
 */
export function knownFailure(spec: Spec, listed: readonly KnownFailure[], today: string): string | undefined {
  const found = listed.find((one) => one.id === spec.id && !hasExpired(one, today));
  return found
    ? `${found.reason} (${found.link}, ${found.unsteady ? 'unsteady, ' : ''}until ${found.expires})`
    : spec.deviates;
}

/** Adds the fact that the entry has expired to the reason and the violation of a failure. */
function withExpiry(result: Result, { expires }: KnownFailure): Result {
  const { reason, violation } = result;
  const note = `(its entry in the list of known failures expired on ${expires})`;
  return {
    ...result,
    reason: `${reason} ${note}`,
    ...(violation && { violation: { ...violation, actual: `${violation.actual} ${note}` } }),
  };
}

/**
 * Compares a result with the list. A listed rule that passes is an error, unless the entry is unsteady. An expired
 * entry does not excuse a failure.
 *
 * @param today the date, as YYYY-MM-DD
 * @returns the result, changed if necessary
 */
export function compareWithList(result: Result, listed: readonly KnownFailure[], today: string): Result {
  const found = listed.find(({ id }) => id === result.id);
  if (found && !found.unsteady && result.status === 'pass')
    return { ...result, status: 'error', reason: `${LISTED_PASS}: remove the entry` };
  return found && result.status === 'fail' && hasExpired(found, today) ? withExpiry(result, found) : result;
}
