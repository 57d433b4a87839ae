// Runs the measurements and prints a table for each part, with goals next to the measured values.
import { tmpdir } from 'node:os';
import { largeArchive, smallArchives } from './archive';
import { benchKubelet } from './kubelet';
import { type BenchRow, reached, table } from './row';
import { benchRuntime } from './runtime';
import { benchSuite } from './suite';

/** The parts by name, in the order in which they run. */
const BENCHES: Readonly<Record<string, () => Promise<readonly BenchRow[]>>> = {
  runtime: benchRuntime,
  kubelet: benchKubelet,
  checkpoints: smallArchives,
  archives: () => largeArchive(tmpdir()),
  suite: benchSuite,
};

/** Runs the parts with these names. Returns the exit status: 1 if a goal was missed, 2 if a part does not exist. */
async function main(names: readonly string[]): Promise<number> {
  const unknown = names.find((name) => !Object.hasOwn(BENCHES, name));
  if (unknown !== undefined) {
    process.stderr.write(`bench ${unknown}: there is no such part; there are ${Object.keys(BENCHES).join(', ')}\n`);
    return 2;
  }
  let missed = false;
  for (const [name, measure] of Object.entries(BENCHES)) {
    if (names.length > 0 && !names.includes(name)) continue;
    const rows = await measure();
    process.stdout.write(table(rows));
    missed ||= rows.some((row) => reached(row) === false);
  }
  return missed ? 1 : 0;
}

void main(process.argv.slice(2)).then((status) => {
  process.exitCode = status;
});
