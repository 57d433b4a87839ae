// Asks a runtime for its name and version, as a kubelet does first of all.
import { credentials } from '@grpc/grpc-js';
import { cri } from '../../../proto/load';

const DEADLINE_MS = 10_000;

export interface RuntimeVersion {
  readonly name: string;
  readonly version: string;
}

/** The CRI call Version on an endpoint, a `unix://` URI; rejects with the gRPC error where it fails. */
export async function askVersion(endpoint: string): Promise<RuntimeVersion> {
  const { RuntimeService } = cri();
  const client = new RuntimeService(endpoint, credentials.createInsecure());
  try {
    return await new Promise((resolve, reject) => {
      client.Version({}, { deadline: Date.now() + DEADLINE_MS }, (error, answer) => {
        if (error || !answer) {
          reject(error ?? new Error(`Version of ${endpoint} has no answer.`));
        } else {
          resolve({ name: answer.runtime_name, version: answer.runtime_version });
        }
      });
    });
  } finally {
    client.close();
  }
}
