// Tests the package as users get it: packed, unpacked into an empty directory, and loaded by require, by import and by
// the type checker.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { extract } from 'tar';
import packageJson from '../../package.json';

const MAX_TEST_MS = 240_000;
const root = path.join(__dirname, '../..');
let directory: string;

/** Links a dependency into node_modules, as an installation would. */
function link(name: string): void {
  const place = path.join(directory, 'node_modules', name);
  fs.mkdirSync(path.dirname(place), { recursive: true });
  fs.symlinkSync(path.join(root, 'node_modules', name), place);
}

beforeAll(async () => {
  directory = fs.mkdtempSync(path.join(os.tmpdir(), 'ckptest-package-'));
  const args = ['pack', '--ignore-scripts', '--silent', '--pack-destination', directory];
  const packed = execFileSync('npm', args, { cwd: root, encoding: 'utf8' }).trim();
  const home = path.join(directory, 'node_modules', packageJson.name);
  fs.mkdirSync(home, { recursive: true });
  await extract({ file: path.join(directory, path.basename(packed)), cwd: home, strip: 1 });
  for (const name of [...Object.keys(packageJson.dependencies), '@types/node', 'undici-types']) link(name);
}, MAX_TEST_MS);
afterAll(() => fs.rmSync(directory, { recursive: true, force: true }));

/** Runs a program in the directory and returns its output. */
function node(file: string, source: string): string {
  fs.writeFileSync(path.join(directory, file), source);
  return execFileSync(process.execPath, [file], { cwd: directory, encoding: 'utf8' });
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
  MAX_TEST_MS,
);

test(
  'by import',
  () => {
    const head = "import { specs, runSpecs, startFakeNode } from 'ckptest';\n";
    const more = "import { describeSpecs } from 'ckptest/jest';\n";
    expect(node('use.mjs', head + more + USE)).toBe(SEEN);
  },
  MAX_TEST_MS,
);

test(
  'with types: correct code compiles, wrong code does not',
  () => {
    const tsc = path.join(root, 'node_modules/typescript/bin/tsc');
    const options = ['--noEmit', '--strict', '--target', 'es2022', '--module', 'nodenext', '--skipLibCheck'];
    const judge = (file: string, source: string): string => {
      fs.writeFileSync(path.join(directory, file), source);
      try {
        return execFileSync(
          process.execPath,
          [tsc, ...options, '--types', 'node', '--lib', 'es2023,esnext.disposable', file],
          {
            cwd: directory,
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
  MAX_TEST_MS,
);

test('contains the lists of known failures and the findings that they link to', () => {
  const home = path.join(directory, 'node_modules', packageJson.name, 'dist');
  expect(fs.readdirSync(path.join(home, 'harness/report/known-failures'))).toContain('containerd-2.1.yaml');
  expect(fs.existsSync(path.join(home, 'specs/findings.md'))).toBe(true);
});

test('contains nothing that only contributors need', () => {
  const home = path.join(directory, 'node_modules', packageJson.name, 'dist');
  const files = fs.readdirSync(home, { recursive: true, encoding: 'utf8' });
  expect(files.filter((file) => /(^|\/)(dev|testing|testdata)\//.test(file))).toEqual([]);
});

/** Returns what a file of the package loads: modules, and files that it starts as processes or threads. */
function loads(home: string, file: string): string[] {
  const source = fs.readFileSync(path.join(home, file), 'utf8');
  const near = [
    ...source.matchAll(/(?:require|import)\(["'](\.[^"']+)["']\)/g),
    ...source.matchAll(/__dirname, '([^']+)'/g),
  ];
  const from = path.dirname(file);
  return near.flatMap(([, name = '']) => {
    const target = path.join(from, name);
    const found = [target, `${target}.js`].find((one) => /\.js$/.test(one) && fs.existsSync(path.join(home, one)));
    if (found === undefined && !fs.existsSync(path.join(home, target)) && /^\.\.?\//.test(name))
      throw new Error(`${file} loads ${name}, which is not in the package`);
    return found ?? [];
  });
}

test('contains only files that a command or the library loads, and no test helpers', () => {
  const home = path.join(directory, 'node_modules', packageJson.name);
  const files = fs
    .readdirSync(home, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.js$/.test(file) && !file.startsWith('dist/proto/types/'));
  const jobs = Object.values(packageJson.scripts).flatMap((script) => script.match(/dist\/\S+\.js/g) ?? []);
  const entries = [packageJson.bin.ckptest, packageJson.main, packageJson.exports['./jest'].default, ...jobs];
  const loaded = new Set<string>();
  const open = entries.map((file) => path.normalize(file)).filter((file) => files.includes(file));
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (loaded.has(file)) continue;
    loaded.add(file);
    open.push(...loads(home, file));
  }
  // The script of the HTML report is read as text, and type declarations load nothing.
  const isText = (file: string) => file === 'dist/harness/reporters/html/report.js';
  const isOfTypes = (file: string) =>
    !/exports\.(?!__esModule)|require\(/.test(fs.readFileSync(path.join(home, file), 'utf8'));
  expect(files.filter((file) => !loaded.has(file) && !isText(file) && !isOfTypes(file))).toEqual([]);
});
