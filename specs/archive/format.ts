// Rules about the archive file: it is a tar that tools can read, and only its owner has access.
import fs from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { openRegular, requireAtMost } from '../archive-file/regular-file';
import { finding, sentence } from '../catalogue/sources';
import { UNREADABLE } from '../catalogue/unreadable';
import { anyArchive } from '../steps/any-archive';
import { expectThat, modeText, Unsupported } from '../subject/expect';
import { group } from '../subject/spec';
import { expectRule } from './check-archive';
import { accessFlaw } from './file-rules';

/**
 * Maximum size of an archive that the tool reads, bytes. The tool reads all contents, which would take too long for a
 * spec if the archive were larger.
 */
const MAX_FOR_TOOL = 1024 ** 3;

async function membersByTool(file: string): Promise<{ names: string[]; warning: string | undefined }> {
  const names: string[] = [];
  let warning: string | undefined;
  const note = (_code: string, message: string | Error) => {
    warning ??= String(message);
  };
  // Load the library here: it is large, and only this rule needs it.
  const { list } = await import('tar');
  const tool = list({ strict: false, onwarn: note, onReadEntry: (entry) => names.push(entry.path) });
  await using archive = await openRegular(file);
  await requireAtMost(archive, MAX_FOR_TOOL, file);
  await pipeline(archive.createReadStream({ autoClose: false }), tool);
  return { names, warning };
}

export const format = group('archive/format', { level: 'documented', needs: ['checkpoint', 'files'] }, [
  {
    id: 'is-a-plain-tar',
    title: 'The archive is a complete, uncompressed tar',
    source: sentence('D15'),
    mutants: { ...UNREADABLE },
    async check(subject) {
      const { location } = await anyArchive(subject);
      await expectRule('archive/format/is-a-plain-tar', 'a complete tar', location);
    },
  },
  {
    id: 'is-listed-by-a-tar-tool',
    title: 'The tar library lists the archive without warnings',
    source: sentence('D5'),
    mutants: {
      'archive-missing': 'archive',
      'archive-elsewhere': 'archive',
      'archive-empty': 'archive',
      'archive-truncated': 'archive',
      'archive-wrong-checksum': 'archive',
    },
    async check(subject) {
      const { location } = await anyArchive(subject);
      const listed = await membersByTool(location).catch((error: unknown) => {
        if (error instanceof Unsupported) throw error;
        return { names: [], warning: String(error) };
      });
      const good = listed.names.length > 0 && listed.warning === undefined;
      const actual = `A tar tool cannot list the archive: ${listed.warning ?? 'it finds no members'}`;
      expectThat('archive', good, 'a list of members without a warning', actual);
    },
  },
  {
    id: 'is-for-its-owner-only',
    title: "Only the user that the runtime runs as can read the archive, because it contains the container's memory",
    strength: 'should',
    source: sentence('D8'),
    mutants: { 'archive-mode-0644': 'mode', 'archive-missing': 'archive', 'archive-elsewhere': 'archive' },
    async check(subject) {
      const { location } = await anyArchive(subject);
      const file = await fs.stat(location).catch(() => undefined);
      const none = `The checkpoint succeeded, but there is no file ${path.basename(location)} at its location`;
      expectThat('archive', file !== undefined, 'an archive', none);
      const flaw = accessFlaw(file.mode);
      expectThat('mode', flaw === undefined, 'a mode such as 0600', flaw);
      const owners = [0, process.getuid?.()];
      const foreign = `The archive belongs to user ${file.uid}, who can read the memory in it`;
      expectThat('owner', owners.includes(file.uid), 'an archive of root or of the user that runs ckptest', foreign);
    },
  },
  {
    id: 'is-never-readable-by-others',
    title: 'While the archive is written, no file in its directory is readable by others',
    level: 'hardening',
    source: finding('mode-kept'),
    mutants: { 'archive-mode-0644': 'mode', 'archive-readable-while-written': 'mode' },
    async check(subject) {
      const { location, again } = await anyArchive(subject);
      const directory = path.dirname(location);
      // Ignore files that were there before: they may belong to other users.
      const before = new Set(await fs.readdir(directory));
      let finished = false;
      const end = () => {
        finished = true;
      };
      // Ignore the outcome: a failed checkpoint breaks other rules.
      const call = again().then(end, end);
      const readable = new Set<string>();
      // Check once more after the call, because the archive may be renamed to its final name at the end.
      for (let isLast = false; !isLast; ) {
        isLast = finished;
        for (const name of await fs.readdir(directory)) {
          if (before.has(name)) continue;
          const file = await fs.lstat(path.join(directory, name)).catch(() => undefined);
          if (file && (file.mode & 0o077) !== 0) readable.add(`${name} had the mode ${modeText(file.mode)}`);
        }
        await new Promise((resolve) => setImmediate(resolve));
      }
      await call;
      const actual = `During the checkpoint others could read the memory of the container: ${[...readable].join(', ')}`;
      expectThat('mode', readable.size === 0, 'modes such as 0600 all the time', actual);
    },
  },
  {
    id: 'names-stay-inside',
    title:
      'No member has an absolute name or a name with `..`, so unpacking writes nothing outside the target directory',
    level: 'hardening',
    source: finding('archive-names'),
    mutants: {
      'archive-absolute-name': 'names',
      'archive-parent-name': 'names',
      ...UNREADABLE,
    },
    async check(subject) {
      const { location } = await anyArchive(subject);
      await expectRule('archive/format/names-stay-inside', 'names below the directory of unpacking', location);
    },
  },
]);
