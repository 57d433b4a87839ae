// For tests: runs a module of this project in another process, which may be killed.
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';

/** Makes Node load TypeScript as Jest does, by removing the types. Nothing has to be built. */
const HOOK = `
const { transformSync } = require('@swc/core');
const { readFileSync } = require('node:fs');
const options = { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } };
require.extensions['.ts'] = (module, filename) =>
  module._compile(transformSync(readFileSync(filename, 'utf8'), { filename, ...options }).code, filename);
require(process.argv[1]);
`;

/**
 * Runs a module.
 *
 * @param file its absolute path
 * @param args its `process.argv` from the third element on
 */
export function typescriptChild(file: string, ...args: string[]): ChildProcessByStdio<null, Readable, null> {
  return spawn(process.execPath, ['--eval', HOOK, file, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
}
