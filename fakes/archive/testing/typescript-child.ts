// For tests: a module of this project in a process of its own, which may be killed.
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';

/** Lets Node take TypeScript as the tests themselves are taken: types are cut off, nothing is built. */
const HOOK = `
const { transformSync } = require('@swc/core');
const { readFileSync } = require('node:fs');
const options = { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } };
require.extensions['.ts'] = (module, filename) =>
  module._compile(transformSync(readFileSync(filename, 'utf8'), { filename, ...options }).code, filename);
require(process.argv[1]);
`;

/** Runs a module by its absolute path; the words are its `process.argv` from 2 on. */
export function typescriptChild(file: string, ...words: string[]): ChildProcessByStdio<null, Readable, null> {
  return spawn(process.execPath, ['--eval', HOOK, file, ...words], { stdio: ['ignore', 'pipe', 'inherit'] });
}
