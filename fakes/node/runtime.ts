// A fake runtime as tests use it: a persona, faults, a clock that can be moved, and a reset between tests.
import { readTemplate, templateEntries } from '../archive/template/template';
import { writeArchive } from '../archive/writing/writer';
import { type Clock, systemClock } from '../base/clock';
import { MovableClock } from '../base/movable-clock';
import { applyToRuntime } from '../deviations/apply';
import { persona } from '../deviations/personas/personas';
import { Faults } from '../faults/faults';
import type { FaultRule } from '../faults/rule';
import {
  type FakeRuntimeOptions,
  type RuntimeServer as Runtime,
  startRuntimeServer as startRuntime,
} from '../runtime/server';
import { type ControlServer, startControl } from './control/server';
import { type FaultWrappers, faultWrappers } from './fault-wrappers';
import { controlledRuntime } from './runtime-control';

export interface RuntimeOptions extends FakeRuntimeOptions {
  /** A known runtime such as `containerd-2.1`, a finding, or several joined by `+`; default: `reference`. */
  readonly persona?: string;
  /** What goes wrong, from the start and again after each reset. */
  readonly faults?: readonly FaultRule[];
  /** `HOST:PORT` of a control address; default: none. */
  readonly controlAddress?: string;
  /** File of a recorded archive of containerd or CRI-O: checkpoints are made from it, under each container's identity. */
  readonly archiveTemplate?: string;
}

export interface FakeRuntime extends Runtime {
  readonly persona: string;
  readonly faults: Faults;
  /** What makes the faults happen at a kubelet in front of the runtime, and at an API server in front of that. */
  readonly faultWrappers: Pick<FaultWrappers, 'http' | 'api'>;
  /** The runtime's time; goes on by itself unless the options have a clock that does not. */
  readonly clock: MovableClock;
  /** URL of the control address, where one was asked for. */
  readonly controlUrl: string | undefined;
  /** Takes away all pods, and brings back faults, images and clock as they were at the start. */
  reset(): void;
}

/** What makes every archive from a recorded one. Throws a UserError where the file cannot serve. */
async function templateWriter(file: string, clock: Clock): Promise<Pick<FakeRuntimeOptions, 'archiveWriter'>> {
  const template = await readTemplate(file);
  return {
    archiveWriter: {
      entries: (snapshot) => templateEntries(template, snapshot),
      write: (job) => writeArchive(job, clock),
    },
  };
}

/**
 * Starts a CRI runtime without processes. Throws a UserError for a persona that does not exist, a fault that makes no
 * sense, a template that is none, or an endpoint that cannot be used; then nothing is left.
 */
export async function startFakeRuntime(options: RuntimeOptions = {}): Promise<FakeRuntime> {
  const { persona: name = 'reference', faults: rules = [], controlAddress, archiveTemplate, ...own } = options;
  const clock = new MovableClock(options.clock ?? systemClock);
  let runtime: Runtime | undefined;
  const control = () => {
    if (!runtime) throw new Error('the fake runtime has not started yet');
    return runtime.control;
  };
  const faults = new Faults();
  faults.set(rules);
  const wrappers = faultWrappers(faults, { clock, control });
  const effects = persona(name).effects(control);
  const wired: FakeRuntimeOptions = {
    ...own,
    ...(archiveTemplate !== undefined && (await templateWriter(archiveTemplate, clock))),
    clock,
    cri: [...(own.cri ?? []), wrappers.cri],
    streams: [...(own.streams ?? []), wrappers.streams],
    archive: [...(own.archive ?? []), wrappers.archive],
  };
  const started = await startRuntime(applyToRuntime(wired, effects));
  runtime = started;
  let controlServer: ControlServer | undefined;
  const close = async () => {
    await controlServer?.close();
    await started.close();
  };
  const runtimeAlone: FakeRuntime = {
    endpoint: started.endpoint,
    kubeletEndpoint: started.kubeletEndpoint,
    stateDirectory: started.stateDirectory,
    get calls() {
      return started.calls;
    },
    control: started.control,
    close,
    [Symbol.asyncDispose]: close,
    persona: name,
    faults,
    faultWrappers: wrappers,
    clock,
    get controlUrl() {
      return controlServer?.url;
    },
    reset: () => {
      faults.set(rules);
      clock.reset();
      started.control.reset();
    },
  };
  try {
    if (controlAddress !== undefined)
      controlServer = await startControl(controlAddress, controlledRuntime(runtimeAlone));
  } catch (error) {
    await close();
    throw error;
  }
  return runtimeAlone;
}
