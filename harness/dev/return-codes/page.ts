// Makes the page of return codes in Markdown.
import fs from 'node:fs';
import path from 'node:path';
import { personaRows } from './persona-rows';
import { RECORDINGS, recordedRows } from './recorded-rows';
import type { CodeRow } from './row';

const HEAD = `# Return codes by runtime

The documentation does not say which errors a runtime returns. This page lists what runtimes return. \`npm run
return-codes\` makes it from recorded calls of containerd and CRI-O and from the personas of the fake runtime; a test
checks that it is up to date. The last column says how a row is known: **measured** on a running system, **read** in the
source code, or **deduced** from several places of it. \`{id}\` stands for the container id, \`{location}\` for the
location, and \`{said}\` for the error of the file system. After its deadline the client reports its own message.

The HTTP status is that of the kubelet: 200 with the path of the archive for the code OK, and 500 for every other code,
with the body \`checkpointing of NAMESPACE/POD/CONTAINER failed (rpc error: code = CODE desc = MESSAGE)\`. No code of the
runtime leads to a 404. The rows of a kubelet v1.36.2 below were recorded.
`;

interface Exchange {
  readonly id: string;
  readonly circumstances: string;
  readonly response: { readonly status: number; readonly body: string };
}

const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('\n', ' ').trim();
const code = (text: string) =>
  text === '' ? '' : `\`${text.replaceAll('`', "'").replaceAll('|', '\\|').replaceAll('\n', ' ').trim()}\``;
const line = (...cells: readonly string[]) => `| ${cells.join(' | ')} |`;

const rowLine = (row: CodeRow) =>
  line(
    cell(row.circumstance),
    row.code,
    row.code === 'OK' ? '200' : '500',
    code(row.message),
    cell(row.left) || 'nothing',
    row.evidence,
  );

function section(runtime: string, rows: readonly CodeRow[]): string[] {
  return [
    `## ${runtime}`,
    '',
    line('circumstance', 'CRI code', 'HTTP', 'message', 'left behind', 'known'),
    line(...Array.from({ length: 6 }, () => '---')),
    ...rows.map(rowLine),
    '',
  ];
}

function kubeletSection(root: string): string[] {
  const text = fs.readFileSync(path.join(root, 'fakes/kubelet/testdata/failure-exchanges.json'), 'utf8');
  const { exchanges }: { exchanges: readonly Exchange[] } = JSON.parse(text);
  return [
    '## A kubelet v1.36.2 in front of these runtimes',
    '',
    line('circumstance', 'HTTP', 'body'),
    line('---', '---', '---'),
    ...exchanges.map(({ id, circumstances, response: { status, body } }) =>
      line(cell(`${id}: ${circumstances}`), String(status), code(body)),
    ),
    '',
  ];
}

/**
 * Returns the page.
 *
 * @param root directory of the sources, which contains the recordings
 */
export async function returnCodesPage(root: string): Promise<string> {
  const rows = [...RECORDINGS.flatMap((file) => recordedRows(root, file)), ...(await personaRows())];
  const runtimes = [...new Set(rows.map(({ runtime }) => runtime))];
  const sections = runtimes.flatMap((runtime) =>
    section(
      runtime,
      rows.filter((row) => row.runtime === runtime),
    ),
  );
  return [HEAD, ...sections, ...kubeletSection(root)].join('\n');
}
