// Builds the image of a runtime without a registry: Debian packages as base, and a Dockerfile.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type ContainerRuntimeClient, GenericContainer, ImageName } from 'testcontainers';
import type { RuntimeJob } from './catalogue';

const IMAGE_DIRECTORY = path.join(__dirname, 'image');

/** Options for mmdebstrap. The mirror may be a snapshot. The release file in a snapshot may have expired. */
const BOOTSTRAP_OPTIONS = ['--aptopt=Acquire::Check-Valid-Until "false"', '--variant=minbase'];

/** A function that is called with messages about the progress, one line each. */
export type ImageProgress = (line: string) => void;

/**
 * Returns the name of the image of a job. The tag of the image contains a hash of its inputs. Builds the image unless
 * an image with this tag exists.
 *
 * @throws Error if mmdebstrap is missing or fails, or if the build fails
 */
export async function ensureImage(
  client: ContainerRuntimeClient,
  job: RuntimeJob,
  progress: ImageProgress,
): Promise<string> {
  const bootstrap = [...BOOTSTRAP_OPTIONS, `--include=${job.packages.join(',')}`, job.suite];
  const base = `ckptest-runtime-base:${job.suite}-${digest(bootstrap)}`;
  const image = `ckptest-runtime:${job.name}-${digest([base, job.configuration, ...(await imageFiles())])}`;
  if (await client.image.exists(ImageName.fromString(image))) {
    return image;
  }
  if (!(await client.image.exists(ImageName.fromString(base)))) {
    progress(`making a root file system of Debian ${job.suite}: ${job.packages.join(', ')}`);
    await importBase(client, bootstrap, base);
  }
  progress(`building ${image}`);
  await GenericContainer.fromDockerfile(IMAGE_DIRECTORY)
    .withBuildArgs({ BASE: base, CONFIGURATION: job.configuration })
    .build(image, { deleteOnExit: false });
  return image;
}

function digest(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 12);
}

/** Returns the names and contents of the files in the build context, in the order of the names. */
async function imageFiles(): Promise<string[]> {
  const names = (await readdir(IMAGE_DIRECTORY)).sort();
  const contents = await Promise.all(names.map((name) => readFile(path.join(IMAGE_DIRECTORY, name), 'utf8')));
  return names.flatMap((name, index) => [name, contents[index] ?? '']);
}

async function importBase(client: ContainerRuntimeClient, bootstrap: readonly string[], base: string): Promise<void> {
  const directory = await mkdtemp(path.join(tmpdir(), 'ckptest-base-'));
  try {
    // Write to a file first, so that an incomplete root file system never becomes an image.
    const archive = path.join(directory, 'root.tar');
    await runBootstrap([...bootstrap, archive]);
    const { dockerode } = client.container;
    const { image: repo, tag } = ImageName.fromString(base);
    const answer = await dockerode.importImage(createReadStream(archive), { repo, tag });
    await new Promise<void>((resolve, reject) => {
      dockerode.modem.followProgress(answer, (error) => (error ? reject(error) : resolve()));
    });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function runBootstrap(commandLine: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('mmdebstrap', commandLine, { stdio: ['ignore', 'ignore', 'pipe'] });
    const lines: string[] = [];
    child.stderr.setEncoding('utf8').on('data', (text: string) => lines.push(text));
    child.on('error', (error) => {
      reject(new Error(`mmdebstrap cannot be run (${error.message}): install Debian's package mmdebstrap.`));
    });
    child.on('close', (status) => {
      const last = lines.join('').trim().split('\n').slice(-5).join('\n');
      status === 0 ? resolve() : reject(new Error(`mmdebstrap ended with status ${status}; its last output:\n${last}`));
    });
  });
}
