// What a successful answer of the checkpoint endpoint says.
import path from 'node:path';
import { expectThat, show } from './expect';
import type { HttpAnswer } from './http';

function items(body: string): unknown {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null && 'items' in value ? value.items : undefined;
  } catch {
    return undefined;
  }
}

/** The one absolute path in `{"items":[...]}`; anything else is a violation with label `items`. */
export function archivePath(answer: HttpAnswer): string {
  const found = items(answer.body);
  const only: unknown = Array.isArray(found) && found.length === 1 ? found[0] : undefined;
  const given = typeof only === 'string' && path.isAbsolute(only) ? only : undefined;
  expectThat('items', given !== undefined, '{"items":["<absolute path of the archive>"]}', show(answer.body));
  return given;
}
