// Tests the specs that cite a finding, which is a defect of some runtimes. The specs fail on the personas of these
// runtimes, and on no other persona.
import { expect, test } from '@jest/globals';
import { FINDINGS, rulesOfFinding } from '../../specs/catalogue/findings';
import { specs } from '../../specs/index';
import { isBeyondThisUser } from '../dev/needs-root';
import { runSelected } from '../run/run';
import { DEFAULT_IMAGE } from '../run/settings';
import { startBuiltIn } from '../targets/built-in';

const MAX_TEST_MS = 180_000;
const rules = specs.filter((spec) => !isBeyondThisUser(spec));
const rulesOf = (id: string) => rulesOfFinding(id, rules);
/** The findings that the user who runs this test can reproduce. */
const findings = Object.keys(FINDINGS).filter((id) => rulesOf(id).length > 0);
const named = [...new Set(findings.flatMap(rulesOf))];

test.each(['reference', 'containerd-2.1', 'cri-o-1.37+restore'])(
  '%s',
  async (persona) => {
    await using target = await startBuiltIn({ image: DEFAULT_IMAGE, mutants: [], variants: [], persona });
    const results = await runSelected(named, target, { timeoutSeconds: 60, repeat: (id) => id });
    expect(results.filter(({ status }) => status !== 'pass' && status !== 'fail')).toEqual([]);
    const failed = new Set(results.filter(({ status }) => status === 'fail').map(({ id }) => id));
    const seen = findings.filter((finding) => rulesOf(finding).some(({ id }) => failed.has(id)));
    const wanted = findings.filter((id) => FINDINGS[id]?.on.some((name) => name === persona.split('+')[0]));
    expect(seen).toEqual(wanted);
  },
  MAX_TEST_MS,
);
