// Tests that a package exports each name once, and that packages share few names.

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';

const ROOT = path.join(__dirname, '../..');
const LAYERS = ['fakes', 'specs', 'harness'];
const DECLARATION =
  /^export (?:declare )?(?:abstract )?(?:async )?(?:const enum|const|let|function\*?|class|interface|type|enum) (\w+)/gm;

/** Yields the files of each package. A package is a directory directly below `proto`, `fakes`, `specs` or `harness`. */
function* sources(): Generator<readonly [packageName: string, file: string]> {
  for (const layer of LAYERS)
    for (const file of readdirSync(path.join(ROOT, layer), { recursive: true, encoding: 'utf8' }))
      if (/(?<!\.test|\.d)\.ts$/.test(file) && file.includes('/'))
        yield [`${layer}/${file.split('/')[0]}`, path.join(layer, file)];
}

const exportsOf = (text: string) => new Set([...text.matchAll(DECLARATION)].flatMap(([, name]) => name ?? []));

const packagesOf = new Map<string, Set<string>>();
const twiceInPackage: string[] = [];
const fileOf = new Map<string, string>();
for (const [packageName, file] of sources())
  for (const name of exportsOf(readFileSync(path.join(ROOT, file), 'utf8'))) {
    const key = `${packageName} ${name}`;
    const other = fileOf.get(key);
    if (other !== undefined) twiceInPackage.push(`${name}: ${other} and ${file}`);
    fileOf.set(key, file);
    packagesOf.set(name, (packagesOf.get(name) ?? new Set()).add(packageName));
  }

const BOTH_SIDES = 'a fake and a spec each describe the same thing, and neither may import the other';

/** Names that several packages may export, at most ten, each with the reason. */
const ALLOWED: Readonly<Record<string, string>> = {
  run: 'the command `run`, and a test helper that runs a program of the shell',
  Subject: 'the subject of a certificate, and the subject under test',
  SeenReview: BOTH_SIDES,
  SeenCall: BOTH_SIDES,
  Runtime: BOTH_SIDES,
  ContainerEvent: BOTH_SIDES,
};

test('a package exports each name once', () => {
  expect(packagesOf.size).toBeGreaterThan(1000);
  expect(twiceInPackage).toEqual([]);
});

test('packages share only the allowed names, and each allowed name is shared', () => {
  const shared = [...packagesOf].filter(([, packages]) => packages.size > 1).map(([name]) => name);
  expect(shared.sort()).toEqual(Object.keys(ALLOWED).sort());
  expect(shared.length).toBeLessThanOrEqual(10);
});
