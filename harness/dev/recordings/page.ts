// Makes the page of recordings in Markdown: the evidence for rules of the level `observed`.
import fs from 'node:fs';
import path from 'node:path';
import { ARCHIVE_NOTES, KUBELET_NOTES, RUNTIME_NOTES } from './notes';

const HEAD = `# Recordings

What real kubelets and runtimes were recorded to do, where no text says what they should do. Rules of level observed link
to the sections of this page. \`npm run recordings\` makes it from the recorded exchanges that the fake kubelet is tested
with; a test checks that it is up to date. \`{ROOT}\` is the root directory of the kubelet, \`{TIME}\` the time of the
request.
`;

interface Exchange {
  readonly id: string;
  readonly circumstances?: string;
  readonly request:
    | string
    | {
        readonly method: string;
        readonly path: string;
        readonly client: string;
        readonly headers?: Readonly<Record<string, string>>;
      };
  readonly response: string | { readonly status: number; readonly body: string };
}

/** Files with recorded exchanges in the test data of the fake kubelet, by topic. */
const FILES = {
  'Requests to a kubelet v1.36.2': 'exchanges.json',
  'Requests as bytes to a kubelet v1.36.2': 'raw-exchanges.json',
  'Requests to a kubelet v1.36.2 that asks an API server': 'auth-exchanges.json',
  'Requests to a kubelet v1.36.2 with another configuration or runtime': 'failure-exchanges.json',
} as const;

const MAX_SHOWN = 300;
const shortened = (text: string) =>
  text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}... (${text.length} characters)` : text;

/** Formats a code block, without characters that would end it. */
const block = (text: string) => `\`\`\`text\n${shortened(text.trimEnd()).replaceAll('```', "'''")}\n\`\`\`\n`;

function requestText(request: Exchange['request']): string {
  if (typeof request === 'string') return request.replaceAll('\r\n', '\n');
  const headers = Object.entries(request.headers ?? {}).map(([name, value]) => `\n${name}: ${value}`);
  return `${request.method} ${request.path} (${request.client})${headers.join('')}`;
}

const responseText = (response: Exchange['response']) =>
  typeof response === 'string' ? response.replaceAll('\r\n', '\n') : `${response.status} ${response.body}`;

function sections(root: string, file: string): string {
  const text = fs.readFileSync(path.join(root, 'fakes/kubelet/testdata', file), 'utf8');
  const { exchanges }: { exchanges: readonly Exchange[] } = JSON.parse(text);
  return exchanges
    .map(({ id, circumstances, request, response }) =>
      [
        `### ${id}\n`,
        ...(circumstances === undefined ? [] : [`With ${circumstances}:\n`]),
        `${block(requestText(request))}`,
        block(responseText(response)),
      ].join('\n'),
    )
    .join('\n');
}

const notes = (title: string, all: typeof KUBELET_NOTES) =>
  [`## ${title}\n`, ...all.map(({ id, text }) => `### ${id}\n\n${text}\n`)].join('\n');

/**
 * Makes the page.
 *
 * @param root the directory of the sources
 */
export function recordingsPage(root: string): string {
  return [
    HEAD,
    notes('Seen of a kubelet v1.36.2', KUBELET_NOTES),
    notes('Seen of containerd 2.1.9 and CRI-O 1.37', RUNTIME_NOTES),
    notes('Archives of containerd 2.1.9 and CRI-O 1.37', ARCHIVE_NOTES),
    ...Object.entries(FILES).map(([title, file]) => `## ${title}\n\n${sections(root, file)}`),
  ].join('\n');
}
