// Returns the reason phrases of HTTP statuses, as Go's `http.StatusText` does.
import { STATUS_CODES } from 'node:http';

/** The reason phrases that differ from Node's. */
const GO: Readonly<Record<number, string>> = {
  302: 'Found',
  413: 'Request Entity Too Large',
  416: 'Requested Range Not Satisfiable',
  418: "I'm a teapot",
};

/** Returns the reason phrase of a status, as in the status line. */
export function statusText(status: number): string {
  return GO[status] ?? STATUS_CODES[status] ?? `status code ${status}`;
}
