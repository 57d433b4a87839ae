// Tests that the JUnit report is valid, whatever text a target sends. The schema allows only what all JUnit readers
// accept.
import fs from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { validateXML } from 'xmllint-wasm';
import type { Report } from '../report/results';
import { ckptest } from '../testing/command-line';
import { junitXml } from './junit';
import { HOSTILE, RESULTS, sampleReport } from './testing/sample-report';

async function faultsOf(xml: string): Promise<readonly string[]> {
  const schema = await fs.readFile(path.join(__dirname, 'testdata/junit.xsd'), 'utf8');
  const { errors } = await validateXML({ xml: [{ fileName: 'junit.xml', contents: xml }], schema });
  return errors.map(({ message }) => message);
}

/** Returns the XML of one test case, by the last part of its id. */
const caseOf = (xml: string, name: string) =>
  new RegExp(`<testcase [^>]*name="${name}".*?</testcase>`, 's').exec(xml)?.[0] ?? '';

describe('all statuses, with a target that sends markup', () => {
  const xml = junitXml(sampleReport());

  test('is valid', async () => {
    expect(await faultsOf(xml)).toEqual([]);
  });

  test('contains the element for its status', () => {
    const elements = RESULTS.filter(({ status }) => status !== 'skipped').map(({ id, status }) => {
      const text = caseOf(xml, id.slice(id.lastIndexOf('/') + 1));
      return [status, /<(failure|error|skipped) /.exec(text)?.[1]];
    });
    expect(elements).toEqual([
      ['pass', undefined],
      ['fail', 'failure'],
      ['known-failure', 'skipped'],
      ['error', 'error'],
      ['unsupported', 'skipped'],
    ]);
  });

  test('has correct counts', () => {
    expect(xml).toMatch(/<testsuites name="ckptest" tests="6" failures="2" errors="1" skipped="2">/);
    expect(xml).toMatch(
      /<testsuite name="kubelet\/status-codes" timestamp="2026-11-23T16:00:00" time="0\.012" tests="1" failures="1"/,
    );
  });

  test('contains the duration of the whole run', () => {
    const { startedAt, endedAt } = sampleReport().run;
    const seconds = (Date.parse(endedAt) - Date.parse(startedAt)) / 1000;
    expect(xml).toContain(`<property name="seconds of the run" value="${seconds}"/>`);
  });

  test('contains rule, expectation, answer, exchange and repeat command of a failure', () => {
    const failure = caseOf(xml, 'unknown-pod-is-404');
    for (const part of [
      /classname="ckptest\.kubelet\.status-codes"/,
      /message="A request for an unknown pod got HTTP 500 /,
      /type="status"/,
      /expected {2}HTTP 404\n/,
      /HTTP {6}POST \/checkpoint\/default\/absent\/count/,
      /npx ckptest run --focus/,
    ])
      expect(failure).toMatch(part);
    expect(caseOf(xml, 'shorter-ends-the-wait')).toMatch(/<skipped message="known-failure: kubelets only lengthen/);
    expect(caseOf(xml, 'relative-is-refused')).toMatch(/<skipped message="unsupported: the runtime answers/);
  });
});

test('the schema rejects a document that is not JUnit', async () => {
  const xml = junitXml(sampleReport());
  expect(await faultsOf(xml.replace(' name="unknown-pod-is-404"', ''))).not.toEqual([]);
  expect(await faultsOf(xml.replace('<error ', '<broken '))).not.toEqual([]);
  expect(HOSTILE).toContain(']]>');
});

test('the report of a real run is valid', async () => {
  const { out } = await ckptest([
    'run',
    '--output',
    'json',
    '--focus',
    'status-codes',
    '--mutant',
    'kubelet-unknown-pod-is-500',
  ]);
  const report: Report = JSON.parse(out);
  const xml = junitXml(report);
  expect(await faultsOf(xml)).toEqual([]);
  expect([...xml.matchAll(/<testcase /g)]).toHaveLength(
    report.results.filter(({ status }) => status !== 'skipped').length + 1,
  );
});
