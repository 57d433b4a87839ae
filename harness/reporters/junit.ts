// Makes the report as JUnit XML, with a suite for each group of rules and a case for each rule.
import junit, { type TestCase, type TestSuite } from 'junit-report-builder';
import { violationText } from '../../specs/subject/expect';
import { byGroup, nameOf } from '../report/group';
import { secondsOf } from '../report/report';
import type { Report, Result, Status } from '../report/results';
import { verdictSummary } from '../report/sentences';
import { evidenceLines } from './text';

const MS_IN_SECOND = 1000;

interface Verdict {
  readonly element: 'failure' | 'error' | 'skipped';
  readonly type: string;
}

/** JUnit has no known failures, so they are reported as skipped, with their reason. */
const VERDICTS: Readonly<Record<Status, Verdict | undefined>> = {
  pass: undefined,
  fail: { element: 'failure', type: 'rule' },
  error: { element: 'error', type: 'suite' },
  unsupported: { element: 'skipped', type: 'unsupported' },
  skipped: { element: 'skipped', type: 'skipped' },
  'known-failure': { element: 'skipped', type: 'known-failure' },
};

const oneLine = (text: string) => text.replaceAll(/\s+/g, ' ');

function messageOf({ status, reason = '', violation }: Result): string {
  if (status === 'fail' && violation) return violationText(violation);
  return status === 'unsupported' || status === 'known-failure' ? `${status}: ${reason}` : reason;
}

/**
 * Adds the result to a test case. Does not use the builder's methods: the builder's `skipped` has no message, and the
 * builder's output is invalid if a text contains the end of a CDATA section.
 */
function judge(testCase: TestCase, result: Result, { element, type }: Verdict): void {
  const counts = (kind: Verdict['element']) => () => (kind === element ? 1 : 0);
  testCase.getFailureCount = counts('failure');
  testCase.getErrorCount = counts('error');
  testCase.getSkippedCount = () => (element === 'skipped' ? 1 : 0);
  const build = testCase.build.bind(testCase);
  testCase.build = (parent) => {
    const built = build(parent);
    const message = oneLine(messageOf(result));
    // In JUnit only failures and errors have a type.
    const attributes = element === 'skipped' ? { message } : { message, type: result.violation?.label ?? type };
    built.ele(element, attributes, evidenceLines(result).join('\n'));
    return built;
  };
}

const startOf = ({ run }: Report) => run.startedAt.replace(/\.\d+Z$/, '');

/** Adds the exit status as a separate case, so that a run with exit status 1 or 2 never looks successful. */
function addExitStatus(suite: TestSuite, report: Report): void {
  const { status, reason } = report.verdict.exit;
  const testCase = suite
    .timestamp(startOf(report))
    .time(0)
    .testCase()
    .className('ckptest.run')
    .name('exit-status')
    .time(0);
  const message = `exit status ${status}: ${oneLine(reason)}`;
  if (status === 1) testCase.failure(message, 'verdict');
  if (status === 2) testCase.error(message, 'verdict');
}

/**
 * Returns the report as a JUnit document.
 *
 * @param report a redacted report, whose texts contain no characters that XML forbids
 */
export function junitXml(report: Report): string {
  const builder = junit.newBuilder().name('ckptest');
  for (const [group, results] of byGroup(report.results.filter(({ status }) => status !== 'skipped'))) {
    const spent = results.reduce((sum, { durationMs }) => sum + durationMs, 0);
    const suite = builder
      .testSuite()
      .name(group)
      .timestamp(startOf(report))
      .time(spent / MS_IN_SECOND)
      .property('kubelet', report.target.kubelet)
      .property('runtime', report.target.runtime)
      .property('profile', report.profile)
      .property('verdict', verdictSummary(report))
      .property('seconds of the run', String(secondsOf(report.run)));
    for (const result of results) {
      const testCase = suite
        .testCase()
        .className(`ckptest.${group.replaceAll('/', '.')}`)
        .name(nameOf(result.id))
        .time(result.durationMs / MS_IN_SECOND)
        .property('level', result.level)
        .property('strength', result.strength)
        .property('source', `${result.source.document}, ${result.source.id}`);
      const verdict = VERDICTS[result.status];
      if (verdict) judge(testCase, result, verdict);
    }
  }
  addExitStatus(builder.testSuite().name('run'), report);
  return builder.build();
}
