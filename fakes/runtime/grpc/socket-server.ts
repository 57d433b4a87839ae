// Serves the runtime's calls at one socket.
import { ServerCredentials, status } from '@grpc/grpc-js';
import type { CriSocket } from '../../base/cri-call';
import { createGoLikeServer } from '../../go/grpc/server';
import type { CallLog } from './call-log';
import { listen } from './listen';
import type { Wire } from './wire';

/** The parts of a socket's server. */
export interface SocketParts {
  /** `unix:///path` or `tcp://host:port`. */
  readonly uri: string;
  /** The name of the socket that interceptors see in a call. */
  readonly socket: CriSocket;
  readonly wire: Wire;
  /** The log that records calls to unknown methods. */
  readonly log: CallLog;
}

/** A socket at which calls are served. */
export interface SocketServer {
  /** `unix:///path` or `tcp://127.0.0.1:port`. */
  readonly endpoint: string;
  /** Closes every connection, and continues to accept new connections. */
  drop(): void;
  /** Closes every connection and listens again at the same endpoint, unless the server was closed. */
  restart(): Promise<void>;
  /** Stops listening, closes every connection and removes the socket. */
  close(): Promise<void>;
}

/**
 * Starts to serve a socket.
 *
 * @throws UserError if the endpoint cannot be used
 */
export async function serveSocket({ uri, socket, wire, log }: SocketParts): Promise<SocketServer> {
  const server = createGoLikeServer(({ service, method, deadlineSeconds, details }) => {
    const end = log.begin({ service: service.replace(/^runtime\.v1\./, ''), method, request: {}, deadlineSeconds });
    end({ error: { code: status[status.UNIMPLEMENTED], message: details } });
  });
  wire.register(server, socket);
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  const listenAt = (where: string) => listen(where, (connection) => injector.injectConnection(connection));
  let isClosed = false;
  let listener = await listenAt(uri).catch((error: unknown) => {
    server.forceShutdown();
    throw error;
  });
  const { endpoint } = listener;
  return {
    endpoint,
    drop: () => listener.drop(),
    restart: async () => {
      await listener.close();
      if (!isClosed) listener = await listenAt(endpoint);
    },
    close: async () => {
      isClosed = true;
      server.forceShutdown();
      await listener.close();
    },
  };
}
