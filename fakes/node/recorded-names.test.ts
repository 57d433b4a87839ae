// Tests that the fakes compute their responses: no name in the recordings appears in the code of the fakes.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { parseAllDocuments } from 'yaml';

const FAKES = path.join(__dirname, '..');
const MANIFESTS = path.join(__dirname, '../kubelet/testdata/pods');
/** Common words that are also recorded names. The test searches for them only as whole string literals. */
const COMMON = new Set(['default', 'done', 'main', 'plain']);

/** Returns every value of a key `name` or `namespace`, and the name of the node. */
function namesIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    (key === 'name' || key === 'namespace') && typeof inner === 'string' ? [inner] : namesIn(inner),
  );
}

function sources(): string[] {
  return readdirSync(FAKES, { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && !/\.test\.ts$|(^|\/)(testdata|testing)\/|test-client\.ts$/.test(file),
  );
}

test('no recorded name appears in the code', () => {
  const recorded = readdirSync(MANIFESTS).flatMap((file) =>
    parseAllDocuments(readFileSync(path.join(MANIFESTS, file), 'utf8')).flatMap((document) => namesIn(document.toJS())),
  );
  const names = [...new Set(recorded)].filter((name) => !COMMON.has(name));
  expect(names.length).toBeGreaterThan(5);
  const found = sources().flatMap((file) => {
    const text = readFileSync(path.join(FAKES, file), 'utf8').replace(/^\s*(\/\/|\/?\*).*$/gm, '');
    return names.flatMap((name) =>
      new RegExp(`['"\`/]${name.replace('.', '\\.')}(-[a-z0-9]+)?['"\`/]`).test(text) ? [`${file}: ${name}`] : [],
    );
  });
  expect(found).toEqual([]);
});
