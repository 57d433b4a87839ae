// Reads the pods that a kubelet lists at /pods: each container with its state.
import type { HttpAnswer } from '../../../specs/subject/http';
import type { SeenContainer } from '../subject/pods';

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const field = (value: unknown, key: string): unknown => (isRecord(value) ? value[key] : undefined);
const text = (value: unknown): string => (typeof value === 'string' ? value : '');

function stateOf(status: unknown): SeenContainer['state'] {
  const state = field(status, 'state');
  if (isRecord(field(state, 'running'))) return 'running';
  return isRecord(field(state, 'terminated')) ? 'exited' : 'waiting';
}

function containersOf(pod: unknown): SeenContainer[] {
  const metadata = field(pod, 'metadata');
  const name = { namespace: text(field(metadata, 'namespace')), pod: text(field(metadata, 'name')) };
  const seen = (statuses: string, isInit: boolean) =>
    list(field(field(pod, 'status'), statuses)).map((status) => ({
      ...name,
      container: text(field(status, 'name')),
      state: stateOf(status),
      isInit,
    }));
  return [...seen('containerStatuses', false), ...seen('initContainerStatuses', true)];
}

/** Returns the containers in a PodList, or undefined if the answer does not contain one. */
export function containersIn({ status, body }: HttpAnswer): readonly SeenContainer[] | undefined {
  if (status !== 200) return undefined;
  try {
    return list(field(JSON.parse(body), 'items')).flatMap(containersOf);
  } catch {
    return undefined;
  }
}
