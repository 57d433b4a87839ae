// For tests: a program that starts `serve` in a shell, as npm does, and `serve` itself.
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { main } from '../cli';

const [pidFile = '', role] = process.argv.slice(2);
const node = [process.execPath, ...process.execArgv, process.argv[1] ?? '', pidFile, 'serve'];

if (role === 'serve') {
  writeFileSync(pidFile, String(process.pid));
  const args = ['serve', '--output', 'json', '--runtime-only'];
  void main(args, { out: process.stdout, err: process.stderr }, new AbortController().signal);
} else {
  // Without the final `true`, the shell would replace itself with node, and no shell would be left between this program
  // and `serve`.
  spawn('sh', ['-c', '"$@"; true', 'sh', ...node], { stdio: 'inherit', env: { ...process.env, npm_execpath: 'npm' } });
}
