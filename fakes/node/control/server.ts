// Serves the control address over HTTP, for tests in any language. Without a token, the address must be a loopback
// address.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { boundedBody } from '../../base/bounded-body';
import { errorText } from '../../base/error-text';
import { UserError } from '../../base/user-error';
import { checkpointsDirectory } from '../../kubelet/naming';
import { allowedPaths } from './allowed-paths';
import type { Controlled } from './controlled';
import { type ControlAnswer, OPERATIONS, PARAMETERS } from './operations';
import { tokenCheck } from './token';

/** The clients that may use the control address, and the files that they may use. */
export interface ControlAccess {
  /**
   * Directories whose files pods and images in requests may use, in addition to the kubelet's own checkpoints. Default:
   * none.
   */
  readonly controlDirectories?: readonly string[];
  /**
   * Path of a file with a token. Requests must then have the header `Authorization: Bearer TOKEN`, and any address is
   * allowed. Default: no token, and only a loopback address.
   */
  readonly controlTokenFile?: string;
}

export interface ControlServer extends AsyncDisposable {
  /** URL of the control address: `http://HOST:PORT`. */
  readonly url: string;
  close(): Promise<void>;
}

const MAX_BODY = 1024 * 1024;
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** The types that a body can have. Web pages cannot send them to another site without its permission. */
const BODY_TYPES = ['application/json', 'application/yaml'];

const failed = (status: number, error: string): ControlAnswer => ({ status, document: { error } });

/**
 * Parses `HOST:PORT`.
 * @throws UserError if the text is malformed, or the host is not a loopback address and there is no token
 */
function parseControlAddress(text: string, hasToken: boolean): { readonly host: string; readonly port: number } {
  const [, host = '', port = ''] = /^(.*):(\d{1,5})$/.exec(text) ?? [];
  if (host === '' || Number(port) > 65_535) {
    throw new UserError(`--control-address ${text}: write HOST:PORT, such as 127.0.0.1:0 for any free port`);
  }
  if (!hasToken && !LOOPBACK.test(host)) {
    throw new UserError(
      `--control-address ${text}: without a token it must be a loopback address such as 127.0.0.1; give --control-token-file for another one`,
    );
  }
  return { host, port: Number(port) };
}

/**
 * Returns why a request is refused if it comes from a web page of another site; undefined if it is accepted. Web pages
 * must not control the fakes. A web page cannot forge the two headers: browsers set them.
 */
function crossSite({ headers }: IncomingMessage, host: string): string | undefined {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none')
    return `the header Sec-Fetch-Site: ${String(site)} says that a page of another site sent the request`;
  const { origin } = headers;
  return origin === undefined || origin === `http://${host}` ? undefined : `the Origin ${origin} is another site`;
}

/** Returns the check for paths in requests. */
function pathsFor({ controlDirectories = [] }: ControlAccess, target: Controlled) {
  const { kubelet } = target.state();
  return allowedPaths([...controlDirectories, ...(kubelet ? [checkpointsDirectory(kubelet.rootDirectory)] : [])]);
}

/** Everything that the server needs to answer a request. */
interface Serving {
  readonly target: Controlled;
  readonly access: ControlAccess;
  /** The check of the header `Authorization`; undefined if no token is needed. */
  readonly isAuthorized: ReturnType<typeof tokenCheck> | undefined;
}

async function answerTo(
  request: IncomingMessage,
  { target, access, isAuthorized }: Serving,
): Promise<ControlAnswer & { allow?: string }> {
  const { method = 'GET', url = '/' } = request;
  const host = request.headers.host ?? '';
  if (isAuthorized && !isAuthorized(request.headers.authorization))
    return failed(401, 'the header Authorization must be Bearer and the token of --control-token-file');
  // Refuse other host names: a web page could reach the port through a DNS name that resolves to a loopback address.
  if (!isAuthorized && !LOOPBACK.test(host.replace(/:\d+$/, '')))
    return failed(403, 'the Host header must name a loopback address');
  const foreign = crossSite(request, host);
  if (foreign !== undefined) return failed(403, `${foreign}: web pages may not use this address`);
  const [pathname = '', ...rest] = url.split('?');
  const searchParams = new URLSearchParams(rest.join('?'));
  const methods = OPERATIONS[pathname];
  if (!methods) return failed(404, `${pathname} does not exist: the paths are ${Object.keys(OPERATIONS).join(', ')}`);
  const operation = methods[method];
  const allow = Object.keys(methods).join(', ');
  if (!operation) return { ...failed(405, `${pathname} takes ${allow}, not ${method}`), allow };
  const known = PARAMETERS[`${method} ${pathname}`] ?? [];
  const unknown = [...searchParams.keys()].find((name) => !known.includes(name));
  if (unknown !== undefined) {
    const names = known.length > 0 ? `the parameters are ${known.join(', ')}` : 'it has no parameters';
    return failed(400, `${method} ${pathname} has no parameter ${unknown}: ${names}`);
  }
  const body = await boundedBody(request, MAX_BODY);
  if (body === undefined) return failed(413, `the body has more than ${MAX_BODY} bytes`);
  const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (body.length > 0 && !BODY_TYPES.includes(type ?? ''))
    return failed(415, `the body has the Content-Type ${type ?? '(none)'}: send ${BODY_TYPES.join(' or ')}`);
  try {
    return await operation(target, {
      query: searchParams,
      body: body.toString(),
      requirePath: (file) => pathsFor(access, target)(file),
    });
  } catch (error) {
    if (error instanceof UserError) return failed(400, error.message);
    return failed(500, `internal error: ${errorText(error)}`);
  }
}

function send(response: ServerResponse, { status, document, allow }: ControlAnswer & { allow?: string }): void {
  response.statusCode = status;
  if (allow) response.setHeader('Allow', allow);
  if (!document) {
    response.end();
    return;
  }
  response.setHeader('Content-Type', 'application/json');
  response.end(`${JSON.stringify(document)}\n`);
}

const LISTEN_ERRORS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'it is in use: choose another port, or 0 for any free port',
  EACCES: 'this user has no permission to listen on it: choose a port above 1023, or 0 for any free port',
};

/**
 * Serves a node's control interface.
 * @param address `HOST:PORT`
 * @throws UserError if the address is malformed or in use
 */
export async function startControl(
  address: string,
  target: Controlled,
  access: ControlAccess = {},
): Promise<ControlServer> {
  const { controlTokenFile } = access;
  const { host, port } = parseControlAddress(address, controlTokenFile !== undefined);
  const isAuthorized = controlTokenFile === undefined ? undefined : tokenCheck(controlTokenFile);
  const server = createServer((request, response) => {
    void answerTo(request, { target, access, isAuthorized })
      .then((answer) => send(response, answer))
      .catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', ({ code, message }: NodeJS.ErrnoException) =>
      reject(new UserError(`--control-address ${address}: ${LISTEN_ERRORS[code ?? ''] ?? message}`)),
    );
    server.listen(port, host.replace(/^\[|\]$/g, ''), resolve);
  });
  const bound = server.address() as AddressInfo;
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url: `http://${host}:${bound.port}`, close, [Symbol.asyncDispose]: close };
}
