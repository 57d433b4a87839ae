// The specs that cite a finding fail on the personas of the runtimes that showed it, and on no other persona.
import { expect, test } from '@jest/globals';
import { FINDINGS } from '../../specs/catalogue/findings';
import { FINDINGS_DOCUMENT } from '../../specs/catalogue/sources';
import { specs } from '../../specs/index';
import { isBeyondThisUser } from '../dev/needs-root';
import { runSelected } from '../run/run';
import { DEFAULT_IMAGE } from '../run/settings';
import { startBuiltIn } from '../targets/built-in';

const MAX_TEST_MS = 180_000;
const named = specs.filter((spec) => spec.source.document === FINDINGS_DOCUMENT && !isBeyondThisUser(spec));

test.each(['reference', 'containerd-2.1', 'cri-o-1.37+restore'])(
  '%s',
  async (persona) => {
    await using target = await startBuiltIn({ image: DEFAULT_IMAGE, mutants: [], variants: [], persona });
    const results = await runSelected(named, target, { timeoutSeconds: 60, repeat: (id) => id });
    expect(results.filter(({ status }) => status !== 'pass' && status !== 'fail')).toEqual([]);
    const failed = new Set(results.filter(({ status }) => status === 'fail').map(({ id }) => id));
    const seen = new Set(named.filter(({ id }) => failed.has(id)).map(({ source }) => source.id));
    const wanted = Object.entries(FINDINGS).filter(([, { on }]) => on.some((name) => name === persona.split('+')[0]));
    expect([...seen].sort()).toEqual(wanted.map(([id]) => id).sort());
  },
  MAX_TEST_MS,
);
