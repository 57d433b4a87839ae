// Tests that the rules about archives hold for archives that real runtimes wrote, so that the rules do not depend on
// the fake runtime.
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { criCall } from '../../proto/load';
import { Archive } from '../archive-file/reader';
import { Violation } from '../subject/expect';
import type { Subject } from '../subject/subject';
import { format } from './format';
import { images } from './images';
import { members } from './members';
import { metadata } from './metadata';

const recorded = (name: string) => path.join(__dirname, 'testdata', `${name}-counter.tar`);
/** Rules that need several archives, or a container with a different command. */
const OTHERS = /second-is-later|has-what-runs|for-its-owner|never-readable/;

let directory: string;
beforeAll(async () => {
  directory = await fs.mkdtemp(path.join(os.tmpdir(), 'ckptest-recorded-'));
});
afterAll(() => fs.rm(directory, { recursive: true }));

const absent = (): never => {
  throw new Error('no rule of one archive asks for this');
};

/** Returns a subject that provides the recorded archive for each checkpoint. */
async function targetOf(runtime: string): Promise<Subject> {
  const { id } = await (await Archive.open(recorded(runtime))).jsonObject('config.dump');
  const container = {
    id: String(id),
    sandboxId: '',
    labels: {},
    logPath: '',
    progress: absent,
    log: absent,
    state: absent,
  };
  return {
    node: absent,
    elsewhere: absent,
    until: absent,
    archivesFrom: 'runtime',
    onlyWaits: absent,
    runtime: {
      call: async (method, request) => {
        if ('location' in request) await fs.copyFile(recorded(runtime), String(request.location));
        return { ok: true, response: criCall(method).responseDeserialize(Buffer.alloc(0)) };
      },
      created: absent,
      tried: absent,
      started: async () => container,
      checkpointed: async (_, location) => {
        await fs.copyFile(recorded(runtime), location);
        return { ok: true, response: {} };
      },
      dumps: absent,
      whileRefusing: absent,
      whileSlow: absent,
      restart: absent,
      whileListening: absent,
      directory: async () => directory,
    },
  };
}

/** Rules that the recorded archives break. */
const BROKEN: Readonly<Record<string, readonly string[]>> = {
  'cri-o-1.37': ['archive/members/directories-can-be-entered'],
};

describe.each(['containerd-2.1.9', 'cri-o-1.37'])('the archive of %s', (runtime) => {
  test.each(
    [...format, ...members, ...images, ...metadata]
      .filter(({ id }) => !OTHERS.test(id))
      .map((one) => [one.id, one] as const),
  )('%s', async (id, spec) => {
    const check = expect(spec.check(await targetOf(runtime)));
    if (BROKEN[runtime]?.includes(id)) await check.rejects.toThrow(Violation);
    else await check.resolves.toBeUndefined();
  });
});
