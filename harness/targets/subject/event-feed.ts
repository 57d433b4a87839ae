// Collects the container events of a runtime while an action of a spec runs.
import { Unsupported } from '../../../specs/subject/expect';
import type { ContainerEvent } from '../../../specs/subject/subject';
import type { CriClient } from '../../clients/cri-client';

export async function whileListening<T>(
  client: CriClient,
  action: (seen: () => readonly ContainerEvent[]) => Promise<T>,
): Promise<T> {
  const events: ContainerEvent[] = [];
  let ended: Error | undefined;
  const stop = client.listen(
    (event) => events.push(event),
    (code, message) => {
      const reason = `GetContainerEvents ended with ${code}: ${message}`;
      ended = code === 'UNIMPLEMENTED' ? new Unsupported(reason) : new Error(reason);
    },
  );
  try {
    return await action(() => {
      if (ended) throw ended;
      return [...events];
    });
  } finally {
    stop();
  }
}
