// The package as others get it: packed, unpacked into a folder of its own, and used by require, by import and by types.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { extract } from 'tar';
import packageJson from '../package.json';

const LONGEST_TEST_MS = 240_000;
const root = path.join(__dirname, '..');
let folder: string;

/** As an installation links what a package depends on. */
function link(name: string): void {
  const place = path.join(folder, 'node_modules', name);
  fs.mkdirSync(path.dirname(place), { recursive: true });
  fs.symlinkSync(path.join(root, 'node_modules', name), place);
}

beforeAll(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ckptest-package-'));
  const words = ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder];
  const packed = execFileSync('npm', words, { cwd: root, encoding: 'utf8' }).trim();
  const home = path.join(folder, 'node_modules', packageJson.name);
  fs.mkdirSync(home, { recursive: true });
  await extract({ file: path.join(folder, path.basename(packed)), cwd: home, strip: 1 });
  for (const name of [...Object.keys(packageJson.dependencies), '@types/node', 'undici-types']) link(name);
}, LONGEST_TEST_MS);
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

/** Runs a program in the folder; gives its output. */
function node(file: string, source: string): string {
  fs.writeFileSync(path.join(folder, file), source);
  return execFileSync(process.execPath, [file], { cwd: folder, encoding: 'utf8' });
}

const USE = `
  const chosen = specs.filter(({ id }) => id === 'kubelet/status-codes/unknown-pod-is-404');
  const [result] = await runSpecs(chosen, {});
  console.log(specs.length > 100, typeof startFakeNode, result.status, typeof describeSpecs);
`;
const SEEN = 'true function pass function\n';

test(
  'by require',
  () => {
    const head = "const { specs, runSpecs, startFakeNode } = require('ckptest');\n";
    const more = "const { describeSpecs } = require('ckptest/jest');\n";
    expect(node('use.cjs', `${head}${more}(async () => {${USE}})();`)).toBe(SEEN);
  },
  LONGEST_TEST_MS,
);

test(
  'by import',
  () => {
    const head = "import { specs, runSpecs, startFakeNode } from 'ckptest';\n";
    const more = "import { describeSpecs } from 'ckptest/jest';\n";
    expect(node('use.mjs', head + more + USE)).toBe(SEEN);
  },
  LONGEST_TEST_MS,
);

test(
  'with types: what is right is taken, what is wrong is not',
  () => {
    const tsc = path.join(root, 'node_modules/typescript/bin/tsc');
    const options = ['--noEmit', '--strict', '--target', 'es2022', '--module', 'nodenext', '--skipLibCheck'];
    const judge = (file: string, source: string): string => {
      fs.writeFileSync(path.join(folder, file), source);
      try {
        return execFileSync(
          process.execPath,
          [tsc, ...options, '--types', 'node', '--lib', 'es2023,esnext.disposable', file],
          {
            cwd: folder,
            encoding: 'utf8',
          },
        );
      } catch (error) {
        return String(typeof error === 'object' && error !== null && 'stdout' in error ? error.stdout : error);
      }
    };
    const right = `import { type Result, runSpecs, specs, startFakeNode } from 'ckptest';
import { describeSpecs } from 'ckptest/jest';
export const results: Promise<readonly Result[]> = runSpecs(specs.slice(0, 1), { runtimeEndpoint: 'unix:///x' });
export const node = startFakeNode({ persona: 'cri-o-1.37' });
describeSpecs(specs, { kubeletEndpoint: 'https://node:10250', token: 'x' }, { unsupported: 'pass' });
`;
    expect(judge('right.mts', right)).toBe('');
    expect(
      judge('wrong.mts', `import { runSpecs, specs } from 'ckptest';\nrunSpecs(specs, { runtimeEndpont: '' });\n`),
    ).toMatch(/runtimeEndpont/);
  },
  LONGEST_TEST_MS,
);

test('lists of known failures and the findings that they link to are in it', () => {
  const home = path.join(folder, 'node_modules', packageJson.name, 'dist/harness/runtimes');
  expect(fs.readdirSync(path.join(home, 'known-failures'))).toContain('containerd-2.1.yaml');
  expect(fs.existsSync(path.join(home, 'findings.md'))).toBe(true);
});
