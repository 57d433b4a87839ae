// Reads the body of a successful answer of the checkpoint endpoint.
import path from 'node:path';
import { expectThat, show, Unsupported } from '../subject/expect';
import type { HttpAnswer } from '../subject/http';

function parsed(body: string): object | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Returns the absolute path that is the only member of `items`; undefined if the body has any other form. */
function onlyItem(document: object | undefined): string | undefined {
  const items: unknown = document && 'items' in document ? document.items : undefined;
  const only: unknown = Array.isArray(items) && items.length === 1 ? items[0] : undefined;
  return typeof only === 'string' && path.isAbsolute(only) ? only : undefined;
}

/** Returns whether a body is `{"items":["<absolute path>"]}`, with any white space and escapes. */
export function containsOnlyItems(body: string): boolean {
  const document = parsed(body);
  return document !== undefined && Object.keys(document).length === 1 && onlyItem(document) !== undefined;
}

/**
 * Returns the absolute path in `{"items":[...]}`. Throws a violation with the label `items` if the body has any other
 * form.
 */
export function archivePath(answer: HttpAnswer): string {
  const given = onlyItem(parsed(answer.body));
  const actual = `The response does not name exactly one archive with an absolute path: its body is ${show(answer.body)}`;
  expectThat('items', given !== undefined, '{"items":["<absolute path of the archive>"]}', actual);
  return given;
}

/**
 * Returns the time in a response's Date header, by the kubelet's clock, milliseconds since the epoch. Throws
 * Unsupported if the header is missing or invalid.
 */
export function kubeletTime({ headers }: HttpAnswer): number {
  const time = Date.parse(headers['date'] ?? '');
  if (Number.isNaN(time))
    throw new Unsupported("the kubelet's responses have no Date header, so the time on its clock is not known");
  return time;
}
