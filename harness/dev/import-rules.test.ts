// The walls between the rooms hold: the linter refuses each import that no arrow allows, and each cycle.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';

const root = path.join(__dirname, '../..');

const REFUSED = [
  ['proto/new.ts', '../fakes/wires'],
  ['proto/new.ts', '../specs/spec'],
  ['proto/new.ts', '../harness/run'],
  ['fakes/new.ts', '../specs/spec'],
  ['fakes/archive/new.ts', '../../harness/run'],
  ['fakes/kubelet/new.ts', '../runtime/server'],
  ['fakes/kubelet/pods/new.ts', '../../runtime/server'],
  ['fakes/kubelet/new.ts', '../../specs/spec'],
  ['fakes/runtime/new.ts', '../kubelet/server'],
  ['fakes/archive/new.ts', '../runtime/server'],
  ['fakes/archive/new.ts', '../deviations/catalogue'],
  ['specs/new.ts', '../fakes/wires'],
  ['specs/kubelet/new.ts', '../../fakes/kubelet/server'],
  ['specs/new.ts', '../harness/run'],
] as const;

const ALLOWED = [
  ['fakes/new.ts', '../proto/load'],
  ['fakes/kubelet/new.ts', '../../proto/types/runtime/v1/Container'],
  ['fakes/archive/new.ts', '../wires'],
  ['specs/new.ts', '../proto/load'],
  ['harness/new.ts', '../fakes/wires'],
  ['harness/new.ts', '../specs/spec'],
] as const;

let folder: string;
beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ckptest-walls-'));
  fs.copyFileSync(path.join(root, '.biome.json'), path.join(folder, '.biome.json'));
});
afterAll(() => fs.rmSync(folder, { recursive: true }));

/** What the linter says of a tree of these files. */
function lint(files: Readonly<Record<string, string>>): string {
  for (const [file, source] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    fs.writeFileSync(path.join(folder, file), source);
  }
  const biome = path.join(root, 'node_modules/@biomejs/biome/bin/biome');
  const command = [biome, 'lint', '--colors=off', '--max-diagnostics=none', ...Object.keys(files)];
  const { stdout, stderr } = spawnSync(process.execPath, command, { cwd: folder, encoding: 'utf8' });
  return stdout + stderr;
}

/** One file an import, so that each is judged alone. */
function filesOf(imports: readonly (readonly [file: string, target: string])[]): Record<string, string> {
  return Object.fromEntries(
    imports.map(([file, target], index) => [
      file.replace('new', `new-${index}`),
      `import type { X } from '${target}';\nexport type Y = X;\n`,
    ]),
  );
}

test('every import against an arrow is refused, each with its reason', () => {
  const files = filesOf(REFUSED);
  const said = lint(files);
  for (const file of Object.keys(files)) expect(said).toContain(`${file}:1:24 lint/style/noRestrictedImports`);
});

test('every import along an arrow is allowed', () => {
  expect(lint(filesOf(ALLOWED))).not.toContain('noRestrictedImports');
});

test('a cycle is refused', () => {
  const half = (other: string) => `import { ${other} } from './${other}';\nexport const ${other}s = () => ${other};\n`;
  expect(lint({ 'specs/a.ts': half('b'), 'specs/b.ts': half('a') })).toContain('lint/suspicious/noImportCycles');
});
