// Makes recordings with different names for every namespace, pod, container and node.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { RecordedExchange } from './recording';

export const OTHER_NODE = 'edge-7';

/** The recorded names and their replacements. */
const RENAMED: readonly (readonly [RegExp, string])[] = [
  [/node1/g, OTHER_NODE],
  [/\bcounter\b/g, 'ticker'],
  [/\bzoo\.v1\b/g, 'ark.v2'],
  [/lab-2/g, 'yard'],
  [/(?<!text\/)\bplain\b/g, 'bare-0'],
  [/\b(setup|main|done|noimage|c1)\b/g, 'k-$1'],
  [/namespace: default/g, 'namespace: fault'],
  [/\/default\//g, '/fault/'],
  [/_default-/g, '_fault-'],
  [/ default\//g, ' fault/'],
];

export const rename = (text: string): string =>
  RENAMED.reduce((renamed, [from, to]) => renamed.replace(from, to), text);

/** Returns an exchange with the replacement names, and with Content-Length changed accordingly. */
export function renamed({ id, request, response }: RecordedExchange): RecordedExchange {
  const body = rename(response.body);
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(response.headers))
    headers[name] = name === 'Location' ? rename(value) : value;
  if (headers['Content-Length'] && request.method !== 'HEAD')
    headers['Content-Length'] = String(Buffer.byteLength(body));
  return { id, request: { ...request, path: rename(request.path) }, response: { ...response, headers, body } };
}

/** Writes the recorded manifests with the replacement names into a new directory. */
export async function writeRenamedManifests(directory: string): Promise<void> {
  await mkdir(directory);
  for (const name of ['counter.yaml', 'zoo.yaml', 'plain.yaml']) {
    const text = await readFile(path.join(__dirname, '../testdata/pods', name), 'utf8');
    const named = name === 'plain.yaml' ? text.replace('name: plain', 'name: plain, namespace: default') : text;
    await writeFile(path.join(directory, `x-${name}`), rename(named));
  }
}
