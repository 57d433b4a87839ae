// Rules about a file or link that already exists at the location: its owner or readers must not get the memory of the
// container.
import fs from 'node:fs/promises';
import path from 'node:path';
import { finding } from '../catalogue/sources';
import { checkpointUnlessRefused } from '../steps/checkpoint';
import { expectThat, show } from '../subject/expect';
import { group } from '../subject/spec';
import type { Runtime } from '../subject/subject';

/** Content of the existing file. */
const OLD = 'somebody else’s';
/** User id of the owner of the existing file. The runtime does not run as this user. */
const STRANGER = 61_234;
/** Number of characters that are compared; OLD is shorter. */
const SHOWN = 20;

/** Creates a container, and a directory with an existing file at the location. */
async function withOldFile(runtime: Runtime) {
  const container = await runtime.started();
  const directory = await runtime.directory();
  const location = path.join(directory, 'existing.tar');
  await fs.writeFile(location, OLD, { mode: 0o600 });
  return { container, directory, location };
}

/** Expects that a file still has its old content. A failure has the label `content`. */
function expectOldContent(content: string, otherwise: string): void {
  const isOld = content.slice(0, SHOWN) === OLD;
  expectThat('content', isOld, 'the old content', `${otherwise}: it begins with ${show(content.slice(0, SHOWN))}`);
}

export const existingFileSpecs = group(
  'runtime/existing-file',
  { level: 'hardening', needs: ['runtime', 'checkpoint', 'files'] },
  [
    {
      id: 'owner-is-not-kept',
      title: "An archive that replaces another user's file does not belong to that user",
      source: finding('owner-is-not-kept'),
      needs: ['root'],
      mutants: {
        'archive-written-in-place': 'owner',
        'archive-owner-kept': 'owner',
        'archive-missing': 'owner',
        'archive-elsewhere': 'owner',
      },
      async check({ runtime }) {
        const { container, location } = await withOldFile(runtime);
        await fs.chown(location, STRANGER, STRANGER);
        const ok = await checkpointUnlessRefused(runtime, container, location);
        const { uid } = await fs.stat(location);
        // If the runtime refuses the checkpoint, the file and its owner stay unchanged.
        const harmless = uid !== STRANGER || !ok;
        const actual = `The archive belongs to user ${uid}, who owned the file that was there before and can now read the memory of the container`;
        expectThat('owner', harmless, 'an archive of the user that the runtime runs as', actual);
      },
    },
    {
      id: 'open-file-shows-nothing',
      title: 'A process that has the old file open cannot read the new archive through it',
      source: finding('open-file-shows-nothing'),
      mutants: { 'archive-written-in-place': 'content' },
      async check({ runtime }) {
        const { container, location } = await withOldFile(runtime);
        await using old = await fs.open(location, 'r');
        await checkpointUnlessRefused(runtime, container, location);
        const { bytesRead, buffer } = await old.read(Buffer.alloc(64), 0, 64, 0);
        expectOldContent(
          buffer.toString('utf8', 0, bytesRead),
          'A process that had the old file open reads the new archive through it',
        );
      },
    },
    {
      id: 'hard-link-is-not-written-through',
      title: 'A hard link to the old file still contains the old file',
      source: finding('hard-link-is-not-written-through'),
      mutants: { 'archive-written-in-place': 'content' },
      async check({ runtime }) {
        const { container, directory, location } = await withOldFile(runtime);
        const other = path.join(directory, 'other-name');
        await fs.link(location, other);
        await checkpointUnlessRefused(runtime, container, location);
        expectOldContent(
          await fs.readFile(other, 'utf8'),
          'The archive was written through a hard link into a file of another name',
        );
      },
    },
    {
      id: 'dangling-link-is-not-followed',
      title:
        "If the location is a dangling symbolic link, the runtime replaces the link or refuses the request, and the link's target is not created",
      source: finding('dangling-link'),
      mutants: { 'archive-dangling-link-followed': 'target' },
      async check({ runtime }) {
        const container = await runtime.started();
        const directory = await runtime.directory();
        const location = path.join(directory, 'link.tar');
        await fs.symlink(path.join(directory, 'target'), location);
        await checkpointUnlessRefused(runtime, container, location);
        const names = await fs.readdir(directory);
        const actual = `The runtime followed a dangling link at the location and created the file that it points to: ${names.join(', ')}`;
        expectThat('target', !names.includes('target'), 'nothing where the link points', actual);
      },
    },
  ],
);
