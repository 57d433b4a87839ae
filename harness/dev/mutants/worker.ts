// A process that measures rows of the matrix: names come as messages, rows go back.
import { errorText } from '../../../fakes/base/error-text';
import { type MatrixKind, type MatrixRow, measuredRow } from './row';

export interface Task {
  readonly kind: MatrixKind;
  readonly name: string;
}

export type Measured = { readonly task: Task; readonly milliseconds: number } & (
  | { readonly row: MatrixRow }
  | { readonly error: string }
);

const over = new AbortController();
process.on('disconnect', () => over.abort());
// A terminal interrupts every process of the group; the parent's disconnection is what ends this one.
for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => over.abort());

async function measure(task: Task): Promise<void> {
  const start = performance.now();
  const milliseconds = () => Math.round(performance.now() - start);
  let measured: Measured;
  try {
    measured = {
      task,
      row: await measuredRow(task.kind, task.name, undefined, over.signal),
      milliseconds: milliseconds(),
    };
  } catch (error) {
    measured = { task, error: errorText(error), milliseconds: milliseconds() };
  }
  if (process.connected) process.send?.(measured);
}

process.on('message', (task: Task) => void measure(task));
