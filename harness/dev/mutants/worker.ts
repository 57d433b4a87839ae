// A process that measures rows of the matrix. It receives names as messages and sends rows back.
import { errorText } from '../../../fakes/base/error-text';
import { specs } from '../../../specs/index';
import { type MatrixKind, type MatrixRow, measuredRow } from './row';

export interface Task {
  readonly kind: MatrixKind;
  readonly name: string;
  /** Ids of the specs that run; default: all. */
  readonly ids?: readonly string[];
}

export type Measured = { readonly task: Task; readonly milliseconds: number } & (
  | { readonly row: MatrixRow }
  | { readonly error: string }
);

const over = new AbortController();
process.on('disconnect', () => over.abort());
// A terminal sends signals to the whole process group. The worker then cancels its specs, and exits when its parent
// disconnects.
for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => over.abort());

async function measure(task: Task): Promise<void> {
  const start = performance.now();
  const milliseconds = () => Math.round(performance.now() - start);
  const { kind, name, ids } = task;
  const chosen = ids && specs.filter(({ id }) => ids.includes(id));
  let measured: Measured;
  try {
    const row = await measuredRow(kind, name, chosen, over.signal);
    measured = { task, row, milliseconds: milliseconds() };
  } catch (error) {
    measured = { task, error: errorText(error), milliseconds: milliseconds() };
  }
  if (process.connected) process.send?.(measured);
}

process.on('message', (task: Task) => void measure(task));
