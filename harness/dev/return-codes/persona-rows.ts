// Makes rows from personas and from the tables of error messages of runtimes. Each row says how the response is known.
import { status } from '@grpc/grpc-js';
import { CONTAINERD_ERROR_MESSAGES } from '../../../fakes/deviations/personas/containerd-error-messages';
import { CRI_O_ERROR_MESSAGES } from '../../../fakes/deviations/personas/cri-o-error-messages';
import type { ErrorMessage, Evidence } from '../../../fakes/deviations/personas/error-messages';
import { startFakeRuntime } from '../../../fakes/node/runtime';
import { CriClient } from '../../clients/cri-client';
import type { CodeRow } from './row';

/** Personas that refuse every checkpoint: the persona, its runtime, the reason, and how the refusal is known. */
export const REFUSING: readonly (readonly [persona: string, runtime: string, why: string, evidence: Evidence])[] = [
  ['containerd-1.6', 'containerd 1.6', 'not implemented', 'measured'],
  ['containerd-2.1+criu-missing', 'containerd 2.1', 'CRIU is missing', 'measured'],
  ['containerd-2.2+criu-missing', 'containerd 2.2', 'CRIU is missing', 'read'],
  ['containerd-2.2+criu-too-old', 'containerd 2.2', 'CRIU is too old', 'read'],
  ['containerd-2.2+disabled', 'containerd 2.2', 'disabled (enable_criu = false)', 'read'],
  ['containerd-2.3+criu-missing', 'containerd 2.3', 'CRIU is missing', 'read'],
  ['containerd-2.3+criu-too-old', 'containerd 2.3', 'CRIU is too old', 'read'],
  ['containerd-2.3+disabled', 'containerd 2.3', 'disabled (enable_criu = false)', 'read'],
  ['containerd-2.4+criu-missing', 'containerd 2.4', 'CRIU is missing', 'read'],
  ['containerd-2.4+criu-too-old', 'containerd 2.4', 'CRIU is too old', 'read'],
  ['containerd-2.4+disabled', 'containerd 2.4', 'disabled (enable_criu = false)', 'read'],
  ['cri-o-1.37+criu-missing', 'CRI-O 1.37', 'CRIU is missing', 'read'],
  ['cri-o-1.37+disabled', 'CRI-O 1.37', 'disabled (container_level_enabled = "none")', 'measured'],
  ['cri-dockerd', 'cri-dockerd with Docker Engine 28.5', 'not implemented', 'measured'],
  ['v1alpha2-only', 'a runtime that speaks only CRI v1alpha2', 'the service is unknown', 'deduced'],
];

/**
 * Checkpoints a container on the fake runtime with a persona, and returns the error as a row. Throws Error if the
 * checkpoint succeeds.
 */
async function refusal([persona, runtime, circumstance, evidence]: (typeof REFUSING)[number]): Promise<CodeRow> {
  await using fake = await startFakeRuntime({ persona });
  const client = new CriClient(fake.endpoint);
  try {
    const request = { container_id: '{id}', location: '/x.tar' };
    const outcome = await client.call('CheckpointContainer', request, 10);
    if (outcome.ok) throw new Error(`the persona ${persona} does not refuse`);
    const { code, message } = outcome;
    return { runtime, circumstance, code, message, left: '', evidence };
  } finally {
    client.close();
  }
}

/** Returns rows for error messages that were not recorded. */
const unrecorded = (runtime: string, rows: readonly ErrorMessage[]): CodeRow[] =>
  rows.flatMap(({ methods, source, code, message, says, when }) =>
    methods.includes('CheckpointContainer') && source !== 'measured' && code in status
      ? [
          {
            runtime,
            circumstance: says?.source.includes('ambiguous') ? 'first characters that several ids share' : when,
            code,
            message,
            left: '',
            evidence: source,
          },
        ]
      : [],
  );

/** Returns all rows. */
export async function personaRows(): Promise<CodeRow[]> {
  const refusals = await Promise.all(REFUSING.map(refusal));
  return [
    ...refusals,
    ...unrecorded('containerd 2.1', CONTAINERD_ERROR_MESSAGES),
    ...unrecorded('CRI-O 1.37', CRI_O_ERROR_MESSAGES),
  ];
}
