// Rules about the location of an archive: which locations a runtime refuses, and what it does with existing files.
import fs from 'node:fs/promises';
import path from 'node:path';
import { circumstance, criApi, finding, harm } from '../catalogue/sources';
import { UNREADABLE } from '../catalogue/unreadable';
import { checkpointTo, checkpointUnlessRefused, expectCompleteArchive } from '../steps/checkpoint';
import { pauseOf, TICKING } from '../steps/pause-time';
import { expectFailed, expectOk, expectStillEmpty, expectThat, modeText, show } from '../subject/expect';
import { group } from '../subject/spec';
import type { Subject } from '../subject/subject';

/** Content of another user's file. */
const OLD = 'somebody else’s';

/** Size of the existing file, bytes. Larger than any archive of a small container. */
const LONG_OLD_FILE = 64 * 1024 * 1024;

/**
 * A relative path from any working directory to the root directory. With this prefix, a relative location leads to the
 * spec's directory, which is removed after the spec.
 */
const UP_TO_THE_ROOT = '../'.repeat(32).slice(0, -1);

/** Expects that a bad location is refused before the container is paused. */
async function expectFoundFirst(subject: Subject, location: string): Promise<void> {
  const { runtime } = subject;
  const container = await runtime.started({ command: TICKING });
  const still = await pauseOf(subject, container, () => checkpointTo(runtime, container, location));
  const actual = `The container was paused for a checkpoint that then failed because of its location ${location}: its log has a gap at every attempt`;
  expectThat('standstill', !still, 'a refusal before the container is paused', actual);
}

export const locationSpecs = group(
  'runtime/location',
  { level: 'hardening', needs: ['runtime', 'checkpoint', 'files'] },
  [
    {
      id: 'existing-mode-is-not-kept',
      title: 'An archive that replaces a world-readable file is readable by its owner only',
      source: finding('mode-kept'),
      mutants: {
        'archive-mode-kept': 'mode',
        'archive-mode-0644': 'mode',
        'archive-missing': 'mode',
        'archive-elsewhere': 'mode',
      },
      async check({ runtime }) {
        const container = await runtime.started();
        const file = path.join(await runtime.directory(), 'existing.tar');
        await fs.writeFile(file, 'old');
        await fs.chmod(file, 0o644);
        const ok = await checkpointUnlessRefused(runtime, container, file);
        const mode = (await fs.stat(file)).mode & 0o777;
        // If the runtime refuses the location, the existing file stays unchanged.
        const actual = `Others can read the archive: its mode is ${modeText(mode)}, like that of the file that was there before`;
        expectThat('mode', !ok || (mode & 0o077) === 0, 'a mode such as 0600', actual);
      },
    },
    {
      id: 'existing-tail-is-not-kept',
      title: 'An archive that replaces a longer file contains nothing of that file',
      source: finding('tail-kept'),
      mutants: {
        'archive-tail-kept': 'archive',
        ...UNREADABLE,
      },
      async check({ runtime }) {
        const container = await runtime.started();
        const file = path.join(await runtime.directory(), 'longer.tar');
        await fs.writeFile(file, 'old');
        await fs.truncate(file, LONG_OLD_FILE);
        await fs.appendFile(file, 'tail');
        const ok = await checkpointUnlessRefused(runtime, container, file);
        if (!ok) return;
        await expectCompleteArchive(file, 'The checkpoint over a longer file succeeded, but', 'the older, longer file');
      },
    },
    {
      id: 'symlink-is-not-followed',
      title:
        "If the location is a symbolic link, the runtime replaces the link or refuses the request, and the link's target does not change",
      source: finding('symlink-followed'),
      mutants: { 'archive-symlink-followed': 'target' },
      async check({ runtime }) {
        const container = await runtime.started();
        const directory = await runtime.directory();
        const [target, link] = [path.join(directory, 'target'), path.join(directory, 'link.tar')];
        await fs.writeFile(target, OLD);
        await fs.symlink(target, link);
        await checkpointUnlessRefused(runtime, container, link);
        const content = (await fs.readFile(target, 'utf8')).slice(0, 20);
        const actual = `The runtime followed the link at the location and overwrote the file that it points to, which now begins with ${show(content)}`;
        expectThat('target', content === OLD, 'the old content of that file', actual);
      },
    },
    {
      id: 'relative-is-refused',
      title:
        "A checkpoint request with a relative location is refused, because the location depends on the runtime's working directory",
      source: finding('relative-location'),
      mutants: { 'runtime-accepts-relative-location': 'code' },
      async check({ runtime }) {
        const container = await runtime.started();
        const file = path.join(await runtime.directory(), 'relative.tar');
        const outcome = await checkpointTo(runtime, container, `${UP_TO_THE_ROOT}${file}`);
        expectFailed('CheckpointContainer', outcome, 'A checkpoint to a relative location');
      },
    },
    {
      id: 'empty-is-refused',
      title: 'A checkpoint request with an empty location is refused',
      source: finding('empty-location'),
      mutants: { 'runtime-accepts-empty-location': 'code' },
      async check({ runtime }) {
        const container = await runtime.started();
        const outcome = await checkpointTo(runtime, container, '');
        expectFailed('CheckpointContainer', outcome, 'A checkpoint to an empty location');
      },
    },
    {
      id: 'missing-parent-is-refused',
      title: 'A checkpoint to a missing directory is refused, and the directory is not created',
      source: circumstance('missing-parent'),
      mutants: { 'runtime-makes-missing-parent': 'code' },
      async check({ runtime }) {
        const container = await runtime.started();
        const directory = await runtime.directory();
        const outcome = await checkpointTo(runtime, container, path.join(directory, 'no/such/x.tar'));
        expectFailed('CheckpointContainer', outcome, 'A checkpoint to a location whose directory does not exist');
        await expectStillEmpty(directory, 'The refused checkpoint to a missing directory');
      },
    },
    {
      id: 'directory-is-refused',
      title: 'A checkpoint to a location that is a directory is refused, and the directory does not change',
      source: circumstance('is-directory'),
      mutants: { 'runtime-writes-into-directory': 'code' },
      async check({ runtime }) {
        const container = await runtime.started();
        const directory = await runtime.directory();
        await fs.mkdir(path.join(directory, 'taken'));
        const taken = path.join(directory, 'taken');
        const outcome = await checkpointTo(runtime, container, taken);
        expectFailed('CheckpointContainer', outcome, 'A checkpoint to a location that is a directory');
        await expectStillEmpty(taken, 'The refused checkpoint to a directory');
      },
    },
    {
      id: 'missing-parent-is-found-first',
      title: 'A missing parent directory is detected before the container is paused',
      strength: 'should',
      source: finding('late-check'),
      needs: ['log-files'],
      when: 'alone',
      mutants: { 'runtime-looks-at-the-location-last': 'standstill' },
      async check(subject) {
        await expectFoundFirst(subject, path.join(await subject.runtime.directory(), 'no/such/x.tar'));
      },
    },
    {
      id: 'directory-is-found-first',
      title: 'A directory at the location is detected before the container is paused',
      strength: 'should',
      source: finding('late-check'),
      needs: ['log-files'],
      when: 'alone',
      mutants: { 'runtime-looks-at-the-location-last': 'standstill' },
      async check(subject) {
        await expectFoundFirst(subject, await subject.runtime.directory());
      },
    },
    {
      id: 'image-reference-is-refused',
      title:
        'A checkpoint request with an image reference as location is refused, because a location is an absolute path',
      source: harm('lost'),
      mutants: { 'runtime-accepts-relative-location': 'code' },
      async check({ runtime }) {
        const container = await runtime.started();
        const outcome = await checkpointTo(runtime, container, 'localhost/ckptest/checkpoint:1');
        expectFailed('CheckpointContainer', outcome, 'A checkpoint with an image reference as its location');
      },
    },
    {
      id: 'linked-folder-is-followed',
      title: 'The directory of the location may be a symbolic link',
      level: 'contract',
      source: criApi('CheckpointContainerRequest.location'),
      mutants: {
        'runtime-refuses-linked-folders': 'ok',
        'archive-missing': 'archive',
        'archive-elsewhere': 'archive',
      },
      async check({ runtime }) {
        const container = await runtime.started();
        const directory = await runtime.directory();
        await fs.mkdir(path.join(directory, 'real'));
        await fs.symlink('real', path.join(directory, 'linked'));
        const location = path.join(directory, 'linked', 'x.tar');
        const outcome = await checkpointTo(runtime, container, location);
        expectOk('CheckpointContainer', outcome, 'A checkpoint to a directory that is a symbolic link');
        const names = await fs.readdir(path.join(directory, 'real'));
        const actual = `The checkpoint succeeded, but the directory that the link points to contains ${names.join(', ') || 'nothing'}`;
        expectThat('archive', names.includes('x.tar'), 'the archive x.tar in that directory', actual);
      },
    },
  ],
);
