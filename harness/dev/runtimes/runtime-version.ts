// Asks a runtime for its name and version.
import { credentials } from '@grpc/grpc-js';
import { cri } from '../../../proto/load';

const DEADLINE_MS = 10_000;

export interface RuntimeVersion {
  readonly name: string;
  readonly version: string;
}

/**
 * Calls Version on an endpoint.
 *
 * @param endpoint a `unix://` URI
 * @throws the gRPC error if the call fails
 */
export async function askVersion(endpoint: string): Promise<RuntimeVersion> {
  const { RuntimeService } = cri();
  const client = new RuntimeService(endpoint, credentials.createInsecure());
  try {
    return await new Promise((resolve, reject) => {
      client.Version({}, { deadline: Date.now() + DEADLINE_MS }, (error, answer) => {
        if (error || !answer) {
          reject(error ?? new Error(`Version of ${endpoint} was not answered.`));
        } else {
          resolve({ name: answer.runtime_name, version: answer.runtime_version });
        }
      });
    });
  } finally {
    client.close();
  }
}
