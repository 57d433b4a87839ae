// Tests that the linter rejects every import that the import rules forbid, and every import cycle.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';

const root = path.join(__dirname, '../..');

const REFUSED = [
  ['proto/new.ts', '../fakes/base/clock'],
  ['proto/new.ts', '../specs/subject/spec'],
  ['proto/new.ts', '../harness/run/run'],
  ['fakes/new.ts', '../specs/subject/spec'],
  ['fakes/archive/new.ts', '../../harness/run/run'],
  ['fakes/base/new.ts', '../go/time'],
  ['fakes/go/new.ts', '../runtime/server'],
  ['fakes/go/net-http/new.ts', '../../kubelet/server'],
  ['fakes/pki/new.ts', '../kubelet/server'],
  ['fakes/archive/new.ts', '../runtime/server'],
  ['fakes/archive/criu/new.ts', '../../deviations/catalogue'],
  ['fakes/runtime/new.ts', '../kubelet/server'],
  ['fakes/runtime/api/new.ts', '../../deviations/catalogue'],
  ['fakes/runtime/api/new.ts', '../shell/script'],
  ['fakes/runtime/state/new.ts', '../programs/programs'],
  ['fakes/runtime/new.ts', './process/workload'],
  ['fakes/runtime/checkpoint/new.ts', '../machine/machine'],
  ['fakes/runtime/state/new.ts', '../../kubelet/server'],
  ['fakes/kubelet/new.ts', '../runtime/server'],
  ['fakes/kubelet/pods/new.ts', '../../runtime/server'],
  ['fakes/kubelet/new.ts', '../../specs/subject/spec'],
  ['fakes/kubelet/new.ts', '../archive/snapshot'],
  ['fakes/api-server/new.ts', '../runtime/server'],
  ['fakes/faults/new.ts', '../kubelet/server'],
  ['fakes/faults/new.ts', '../deviations/effects/archive-effects'],
  ['fakes/deviations/effects/new.ts', '../../faults/rule'],
  ['fakes/deviations/new.ts', '../node/node'],
  ['fakes/node/new.ts', '../api-server/server'],
  ['specs/new.ts', '../fakes/base/clock'],
  ['specs/kubelet/new.ts', '../../fakes/kubelet/server'],
  ['specs/new.ts', '../harness/run/run'],
  ['specs/subject/new.ts', '../kubelet/route'],
  ['specs/archive-file/new.ts', '../runtime/restore'],
  ['specs/catalogue/new.ts', '../archive/format'],
  ['specs/steps/new.ts', '../kubelet/route'],
  ['harness/run/new.ts', '../dev/needs-root'],
] as const;

const ALLOWED = [
  ['fakes/new.ts', '../proto/load'],
  ['fakes/kubelet/new.ts', '../../proto/types/runtime/v1/Container'],
  ['fakes/kubelet/new.ts', '../go/time'],
  ['fakes/archive/new.ts', '../base/clock'],
  ['fakes/runtime/new.ts', '../archive/snapshot'],
  ['fakes/runtime/api/new.ts', '../process/simulation'],
  ['fakes/runtime/process/new.ts', '../shell/script'],
  ['fakes/deviations/new.ts', '../kubelet/server'],
  ['fakes/node/new.ts', '../deviations/catalogue'],
  ['specs/new.ts', '../proto/load'],
  ['specs/kubelet/new.ts', '../subject/spec'],
  ['harness/new.ts', '../fakes/base/clock'],
  ['harness/new.ts', '../specs/subject/spec'],
  ['harness/dev/new.ts', './needs-root'],
] as const;

let directory: string;
beforeAll(() => {
  directory = fs.mkdtempSync(path.join(os.tmpdir(), 'ckptest-walls-'));
  fs.copyFileSync(path.join(root, '.biome.json'), path.join(directory, '.biome.json'));
});
afterAll(() => fs.rmSync(directory, { recursive: true }));

/** Returns the output of the linter for these files. */
function lint(files: Readonly<Record<string, string>>): string {
  for (const [file, source] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(directory, file)), { recursive: true });
    fs.writeFileSync(path.join(directory, file), source);
  }
  const biome = path.join(root, 'node_modules/@biomejs/biome/bin/biome');
  const command = [biome, 'lint', '--colors=off', '--max-diagnostics=none', ...Object.keys(files)];
  const { stdout, stderr } = spawnSync(process.execPath, command, { cwd: directory, encoding: 'utf8' });
  return stdout + stderr;
}

/** Makes one file for each import, so that each is checked separately. */
function filesOf(imports: readonly (readonly [file: string, target: string])[]): Record<string, string> {
  return Object.fromEntries(
    imports.map(([file, target], index) => [
      file.replace('new', `new-${index}`),
      `import type { X } from '${target}';\nexport type Y = X;\n`,
    ]),
  );
}

test('every forbidden import is rejected with a reason', () => {
  const files = filesOf(REFUSED);
  const output = lint(files);
  for (const file of Object.keys(files)) expect(output).toContain(`${file}:1:24 lint/style/noRestrictedImports`);
});

test('every allowed import is accepted', () => {
  expect(lint(filesOf(ALLOWED))).not.toContain('noRestrictedImports');
});

test('an import cycle is rejected', () => {
  const half = (other: string) => `import { ${other} } from './${other}';\nexport const ${other}s = () => ${other};\n`;
  expect(lint({ 'specs/a.ts': half('b'), 'specs/b.ts': half('a') })).toContain('lint/suspicious/noImportCycles');
});
