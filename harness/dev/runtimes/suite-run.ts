// Runs the suite on an endpoint as users do: as a command, with the report on standard output.
import { execFile } from 'node:child_process';
import path from 'node:path';

const CLI = path.join(__dirname, '../../cli.js');
const TIMEOUT_MS = 20 * 60_000;
const MAX_REPORT_BYTES = 256 * 1024 * 1024;

export interface SuiteRun {
  /** The exit status; undefined if the process was killed, such as by the time limit. */
  readonly exitStatus: number | undefined;
  readonly standardOutput: string;
  readonly standardError: string;
  readonly durationMs: number;
}

/**
 * Runs `ckptest run --runtime-endpoint ENDPOINT --output json`.
 *
 * @param sharedDirectory directory for all temporary files. The runtime must share it, because it writes checkpoints
 * into the kubelet's root directory
 * @param moreArguments additional arguments
 */
export function runSuite(
  endpoint: string,
  sharedDirectory: string,
  moreArguments: readonly string[],
  signal: AbortSignal,
): Promise<SuiteRun> {
  const startedAt = performance.now();
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [CLI, 'run', '--runtime-endpoint', endpoint, '--output', 'json', ...moreArguments],
      {
        env: { PATH: process.env['PATH'], TMPDIR: sharedDirectory },
        signal,
        timeout: TIMEOUT_MS,
        maxBuffer: MAX_REPORT_BYTES,
      },
      (error, standardOutput, standardError) => {
        const code = error === null ? 0 : error.code;
        resolve({
          exitStatus: typeof code === 'number' ? code : undefined,
          standardOutput,
          standardError,
          durationMs: performance.now() - startedAt,
        });
      },
    );
  });
}
