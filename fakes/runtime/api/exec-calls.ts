// Implements ExecSync: runs a command beside the container's own program, on the same files.
import type { CriResponseInit } from '../../../proto/load';
import type { Clock } from '../../base/clock';
import type { CriCall } from '../../base/cri-call';
import type { UnaryHandlers } from '../grpc/calls';
import { commandScript, type Machine, timedScript, Workload, type WorkloadEvents } from '../process/simulation';
import { RuntimeError } from '../state/runtime-error';
import { CONTAINER_STATES, isLivePhase } from '../state/state';
import type { Container } from '../state/store';
import type { Runtime } from './context';

type Result = CriResponseInit<'ExecSync'>;

/** Exit code of a command that was killed because its container ended: 128 + SIGKILL. */
const KILLED = 137;

/** Returns the handler of ExecSync. */
export function execCalls({ store, clock, execRules }: Runtime): UnaryHandlers {
  return {
    ExecSync: async ({ request, signal }) => {
      const container = store.container(request.container_id);
      const { cmd, timeout } = request;
      const fail = (why: string) => `failed to exec in container "${container.id}": ${why}`;
      if (cmd.length === 0) throw new RuntimeError('invalid', fail('the command is empty'));
      if (timeout.startsWith('-')) throw new RuntimeError('invalid', fail(`the timeout is negative: ${timeout} s`));
      if (!isLivePhase(container.phase)) {
        throw new RuntimeError('wrong-state', fail(`container is in ${CONTAINER_STATES[container.phase]} state`));
      }
      if (container.phase === 'frozen') throw new RuntimeError('wrong-state', fail('cannot exec in a paused state'));
      const rule = execRules.find(container, cmd);
      const why = rule ? undefined : pathError(cmd[0] ?? '', container.machine);
      const script = rule ? timedScript(rule.milliseconds ?? 0, rule.exitCode ?? 0) : commandScript(cmd);
      if (why !== undefined || !script) {
        throw new RuntimeError('invalid', fail(`exec: ${JSON.stringify(cmd[0])}: ${why ?? notFound(cmd[0] ?? '')}`));
      }
      const timeoutError = new RuntimeError(
        'deadline-passed',
        fail(`timeout ${timeout}s exceeded: context deadline exceeded`),
      );
      const result = await run({
        container,
        cmd,
        script,
        clock,
        limit: Number(timeout) * 1000,
        late: timeoutError,
        signal,
      });
      if (!rule) return result;
      return { ...result, stdout: Buffer.from(rule.stdout ?? ''), stderr: Buffer.from(rule.stderr ?? '') };
    },
  };
}

/** Directories in which every simulated image has its programs. */
const PROGRAM_DIRECTORIES: ReadonlySet<string> = new Set(
  ['', '/usr', '/usr/local'].flatMap((above) => [`${above}/bin`, `${above}/sbin`]),
);

/** The error of OCI runtimes for a program that does not exist. */
const notFound = (program: string) =>
  program.includes('/') ? `stat ${program}: no such file or directory` : 'executable file not found in $PATH';

/** Returns the OCI runtime's error for a path that is not a program, or undefined if it may be a program. */
function pathError(program: string, machine: Machine): string | undefined {
  if (!program.includes('/')) return undefined;
  if (machine.isDirectory(program)) return 'is a directory';
  if (machine.read(program) !== undefined) return 'permission denied';
  return PROGRAM_DIRECTORIES.has(machine.parentOf(program)) ? undefined : notFound(program);
}

interface Run {
  readonly container: Container;
  readonly cmd: readonly string[];
  readonly script: NonNullable<ReturnType<typeof commandScript>>;
  readonly clock: Clock;
  /** Time limit of the command, milliseconds; 0 for no limit. */
  readonly limit: number;
  /** The error if the command exceeds the limit. */
  readonly late: RuntimeError;
  readonly signal: CriCall['signal'];
}

function run({ container, cmd, script, clock, limit, late, signal }: Run): Promise<Result> {
  const output = { stdout: '', stderr: '' };
  return new Promise((resolve, reject) => {
    let cancel = () => {};
    const settle = (act: () => void) => {
      cancel();
      workload.stop();
      container.execs.delete(workload);
      container.onEnd.delete(onEnd);
      signal.removeEventListener('abort', onAbort);
      act();
    };
    const exit = (exit_code: number) =>
      settle(() => resolve({ stdout: Buffer.from(output.stdout), stderr: Buffer.from(output.stderr), exit_code }));
    const events: WorkloadEvents = {
      write: (stream, text) => {
        output[stream] += text;
      },
      exit,
    };
    const onEnd = () => exit(KILLED);
    const onAbort = () => settle(() => reject(signal.reason));
    const workload = new Workload(script, clock, events, {
      machine: container.machine,
      argv: cmd,
      pid: container.machine.nextPid(),
    });
    container.execs.add(workload);
    container.onEnd.add(onEnd);
    signal.addEventListener('abort', onAbort);
    if (limit > 0) cancel = clock.after(limit, () => settle(() => reject(late)));
    if (signal.aborted) onAbort();
    else workload.start({ atOnce: true });
  });
}
