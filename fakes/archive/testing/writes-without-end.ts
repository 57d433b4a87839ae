// A program for tests that writes archives into a directory, as new files and over existing files, until it is killed.
import path from 'node:path';
import { containerdEntries } from '../containerd/containerd-layout';
import { writeArchive } from '../writing/writer';
import { counterSnapshot } from './counter-snapshot';

async function main(directory: string): Promise<never> {
  const snapshot = counterSnapshot();
  const { signal } = new AbortController();
  const write = (name: string) =>
    writeArchive({ snapshot, entries: containerdEntries(snapshot), location: path.join(directory, name), signal });
  await write('first.tar');
  process.stdout.write('ready');
  for (let n = 0; ; n += 1) await Promise.all([write(`new-${process.pid}-${n}.tar`), write('again.tar')]);
}

void main(process.argv[2] ?? '');
