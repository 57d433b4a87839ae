// Starts a fake runtime for tests, with a persona, faults, a clock that can be advanced, and a reset between tests.
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
import { type ControlAccess, type ControlServer, startControl } from './control/server';
import { type FaultWrappers, faultWrappers } from './fault-wrappers';
import { controlledRuntime } from './runtime-control';

/** Options of a fake runtime. */
export interface RuntimeOptions extends FakeRuntimeOptions, ControlAccess {
  /**
   * The persona: a known runtime such as `containerd-2.1`, a finding, or several of these joined by `+`. Default:
   * `reference`.
   */
  readonly persona?: string;
  /** Fault rules that apply initially and after each reset. */
  readonly faults?: readonly FaultRule[];
  /** `HOST:PORT` of the control address. Default: no control address. */
  readonly controlAddress?: string;
  /**
   * Path of a recorded archive of containerd or CRI-O. All archives are made from it, with the identity of the
   * checkpointed container.
   */
  readonly archiveTemplate?: string;
}

/** A running fake runtime. */
export interface FakeRuntime extends Runtime {
  readonly persona: string;
  readonly faults: Faults;
  /** The interceptors that apply faults to a kubelet that uses this runtime, and to an API server in front of it. */
  readonly faultWrappers: Pick<FaultWrappers, 'http' | 'api'>;
  /** The runtime's clock. It runs in real time unless the options contain another clock. */
  readonly clock: MovableClock;
  /** URL of the control address; undefined if there is none. */
  readonly controlUrl: string | undefined;
  /** Removes all pods, and restores the initial faults, images and clock. */
  reset(): void;
}

/**
 * Returns a writer that makes every archive from a recorded archive.
 * @throws UserError if the file is not a suitable archive
 */
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
 * Starts a CRI runtime whose processes are simulated.
 * @param options the persona, faults and further options; by default, the runtime listens on a private socket
 * @returns the running runtime; close it when it is no longer needed
 * @throws UserError if the persona, a fault, the template or the endpoint is not valid; the failed start leaves nothing
 * behind
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
  const effects = persona(name, '--persona', 'runtime').effects(control);
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
      controlServer = await startControl(controlAddress, controlledRuntime(runtimeAlone), options);
  } catch (error) {
    await close();
    throw error;
  }
  return runtimeAlone;
}
