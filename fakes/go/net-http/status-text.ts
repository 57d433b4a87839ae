// Reason phrases as Go's http.StatusText has them.
import { STATUS_CODES } from 'node:http';

/** Where Go and Node differ. */
const GO: Readonly<Record<number, string>> = {
  302: 'Found',
  413: 'Request Entity Too Large',
  416: 'Requested Range Not Satisfiable',
  418: "I'm a teapot",
};

/** Phrase of a status, as it stands in the status line. */
export function statusText(status: number): string {
  return GO[status] ?? STATUS_CODES[status] ?? `status code ${status}`;
}
