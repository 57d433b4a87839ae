// Makes programs for tests: fake kubelets, and scripts that replace a kubelet.
import fs from 'node:fs/promises';
import path from 'node:path';

const PROJECT = path.join(__dirname, '../../../..');

/**
 * A script that compiles TypeScript when it is loaded and caches the result, so that tests run the current source and
 * not an old build.
 */
const hook = (cache: string) => `
const { existsSync, mkdirSync, readFileSync, writeFileSync } = require('node:fs');
const { transformSync } = require(${JSON.stringify(require.resolve('@swc/core'))});
const options = { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } };
const cache = ${JSON.stringify(cache)};
mkdirSync(cache, { recursive: true });
require.extensions['.ts'] = (module, filename) => {
  const compiled = cache + filename.replaceAll('/', '+') + '.js';
  if (!existsSync(compiled))
    writeFileSync(compiled, transformSync(readFileSync(filename, 'utf8'), { ...options, filename }).code);
  module._compile(readFileSync(compiled, 'utf8'), filename);
};
`;

/**
 * Writes an executable shell script.
 *
 * @returns its path
 */
export async function writeProgram(file: string, script: string): Promise<string> {
  await fs.mkdir(path.dirname(file), { recursive: true });
  await fs.writeFile(file, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return file;
}

/**
 * Writes a program that runs the fake kubelet: this project's command under the name `kubelet`.
 *
 * @param directory directory for the program; compiled files are stored beside this directory and shared with other
 * tests
 * @param args shell words that come after the arguments of the caller
 * @returns the path of the program
 */
export async function writeKubelet(directory: string, args = ''): Promise<string> {
  const [loader, link] = [path.join(directory, 'load-typescript.js'), path.join(directory, 'named/kubelet')];
  await fs.mkdir(path.dirname(link), { recursive: true });
  await fs.writeFile(loader, hook(path.join(directory, '../compiled/')));
  await fs.symlink(path.join(PROJECT, 'harness/cli.ts'), link);
  const command = [process.execPath, '-r', loader, link].map((word) => `'${word}'`).join(' ');
  return writeProgram(path.join(directory, 'program'), `exec ${command} "$@" ${args}`);
}

/** Returns the ids of processes whose command line or environment contains a text. */
export async function processesWith(text: string): Promise<readonly number[]> {
  const ids = (await fs.readdir('/proc')).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  const found = await Promise.all(
    ids.map(async (id) => {
      const files = ['cmdline', 'environ'].map((name) => fs.readFile(`/proc/${id}/${name}`, 'utf8').catch(() => ''));
      return (await Promise.all(files)).some((content) => content.includes(text)) ? [Number(id)] : [];
    }),
  );
  return found.flat();
}
