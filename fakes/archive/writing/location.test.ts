// Tests which locations are refused, and the error messages.

import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { checkLocation, LocationError } from './location';

let directory: string;
let socket: net.Server;

beforeAll(async () => {
  directory = fs.mkdtempSync(path.join(os.tmpdir(), 'ckptest-location-'));
  fs.mkdirSync(path.join(directory, 'dir'));
  fs.writeFileSync(path.join(directory, 'file'), '');
  fs.symlinkSync('file', path.join(directory, 'link'));
  fs.symlinkSync('/dev/null', path.join(directory, 'link-to-device'));
  fs.symlinkSync('dir', path.join(directory, 'link-to-dir'));
  fs.symlinkSync('loop', path.join(directory, 'loop'));
  socket = net.createServer().listen(path.join(directory, 'socket'));
  await new Promise((resolve) => socket.once('listening', resolve));
});
afterAll(async () => {
  await new Promise((resolve) => socket.close(resolve));
  fs.rmSync(directory, { recursive: true });
});

function thrownBy(action: () => void): unknown {
  try {
    action();
    return undefined;
  } catch (error) {
    return error;
  }
}

describe('a location that is refused:', () => {
  it.each([
    ['', 'empty', 'no such file or directory'],
    ['relative.tar', 'relative', 'invalid argument: the location must be an absolute path'],
    ['./relative.tar', 'relative', 'invalid argument: the location must be an absolute path'],
    ['/dev/null', 'not-a-regular-file', 'not a regular file'],
    ['{}/socket', 'not-a-regular-file', 'not a regular file'],
    ['{}/dir', 'is-directory', 'is a directory'],
    ['{}/dir/', 'is-directory', 'is a directory'],
    ['{}/new/', 'is-directory', 'is a directory'],
    ['{}/dir/.', 'is-directory', 'is a directory'],
    ['/', 'is-directory', 'is a directory'],
    ['{}/missing/a.tar', 'missing-parent', 'no such file or directory'],
    ['{}/file/a.tar', 'parent-not-a-directory', 'not a directory'],
    ['{}/loop/a.tar', 'link-loop', 'too many levels of symbolic links'],
    [`{}/${'n'.repeat(300)}`, 'too-long', 'file name too long'],
    [`/${'n/'.repeat(2500)}a`, 'too-long', 'file name too long'],
  ])('the path %s', (pattern, kind, text) => {
    const location = pattern.replace('{}', directory);
    const error = thrownBy(() => checkLocation(location));
    expect(error).toBeInstanceOf(LocationError);
    expect(error).toMatchObject({ kind, location, message: `open ${location}: ${text}` });
  });

  it('a path with a NUL character, which is escaped in the message', () => {
    expect(thrownBy(() => checkLocation('/a\0b'))).toMatchObject({
      kind: 'nul',
      message: 'open /a\\x00b: invalid argument',
    });
  });
});

it.each(['new.tar', 'file', 'link', 'link-to-device', 'link-to-dir', 'link-to-dir/new.tar', 'dir/../new.tar'])(
  'the location %s is accepted',
  (name) => {
    expect(() => checkLocation(`${directory}/${name}`)).not.toThrow();
    expect(fs.existsSync(path.join(directory, 'new.tar'))).toBe(false);
  },
);
