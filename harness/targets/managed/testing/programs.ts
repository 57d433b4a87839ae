// For tests: programs that are kubelets, or should be.
import fs from 'node:fs/promises';
import path from 'node:path';

const PROJECT = path.join(__dirname, '../../../..');

/** Compiles TypeScript once, as it is loaded, so that what is tested is what stands here and not an earlier build. */
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

/** Writes a shell script that may be executed; returns its path. */
export async function writeProgram(file: string, script: string): Promise<string> {
  await fs.mkdir(path.dirname(file), { recursive: true });
  await fs.writeFile(file, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return file;
}

/**
 * Writes a program that is the fake kubelet: the command of this project under the name of kubelet.
 * @param directory of its own; what is compiled stands beside it, for others to use
 * @param words given after those of whoever starts it, in the words of a shell
 */
export async function writeKubelet(directory: string, args = ''): Promise<string> {
  const [loader, link] = [path.join(directory, 'load-typescript.js'), path.join(directory, 'named/kubelet')];
  await fs.mkdir(path.dirname(link), { recursive: true });
  await fs.writeFile(loader, hook(path.join(directory, '../compiled/')));
  await fs.symlink(path.join(PROJECT, 'harness/cli.ts'), link);
  const command = [process.execPath, '-r', loader, link].map((word) => `'${word}'`).join(' ');
  return writeProgram(path.join(directory, 'program'), `exec ${command} "$@" ${args}`);
}

/** Processes whose command line or environment names this text, by their ids. */
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
