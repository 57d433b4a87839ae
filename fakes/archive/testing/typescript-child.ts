// Runs, for tests, a module of this project in another process, which may be killed.
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';

/** A script that makes Node load TypeScript without a build, by removing the types, as Jest does. */
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
 * @param file absolute path of the module
 * @param args the arguments of the module. They are in its `process.argv` after the first two elements
 */
export function typescriptChild(file: string, ...args: string[]): ChildProcessByStdio<null, Readable, null> {
  return spawn(process.execPath, ['--eval', HOOK, file, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
}
