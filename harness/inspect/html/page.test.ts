// Tests that the page of an inspection contains everything, loads nothing, and shows texts of an archive as text.
import path from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import { inspectArchive } from '../inspect-archive';
import type { Inspection } from '../inspection';
import { inspectionPage } from './page';

let inspection: Inspection;
let page: string;
beforeAll(async () => {
  inspection = await inspectArchive(path.join(__dirname, '../../../specs/archive/testdata/cri-o-1.37-counter.tar'));
  page = inspectionPage(inspection);
});

test('has findings first, then times, processes with their memory and files, and changed files', () => {
  const order = [
    'archive/format/is-for-its-owner-only',
    'The container was frozen for 32.0 ms',
    '1 sh: 72.0 KiB of memory',
  ];
  const places = [...order, '<title>heap at 0x', '/dev/null', 'GREETING', '└ 29 sleep', '/tmp/state'].map((text) =>
    page.indexOf(text),
  );
  expect(places).not.toContain(-1);
  expect(places).toEqual([...places].sort((a, b) => a - b));
  expect(page).not.toContain('hello-from-env');
});

test('draws all processes to one scale', () => {
  const bars = page
    .split('<svg height="28"')
    .slice(1)
    .map((bar) => bar.split('</svg>')[0] ?? '');
  const widths = bars.map((bar) =>
    [...bar.matchAll(/class="kind-\w+" x="[\d.]+%" y="0" width="([\d.]+)%"/g)].reduce(
      (sum, [, width]) => sum + Number(width),
      0,
    ),
  );
  const [largest = 0, other = 0] = inspection.processes.map(({ memoryBytes }) => memoryBytes);
  expect(widths[0]).toBeCloseTo(100, 1);
  expect(widths[1]).toBeCloseTo((100 * other) / largest, 1);
});

test('loads nothing and runs nothing', () => {
  expect(page).not.toMatch(/<script|<img|<iframe|@import|url\(| src=| style=| on\w+=/);
  expect([...page.matchAll(/href="([^"]*)"/g)].map(([, href]) => href)).toEqual(['data:,']);
  expect(page).toContain('default-src &#39;none&#39;');
});

test('shows texts of an archive as text', () => {
  const hostile = '<img src=x onerror=alert(1)>';
  const [first] = inspection.processes;
  const shown = inspectionPage({
    ...inspection,
    file: hostile,
    container: { name: hostile },
    processes: first ? [{ ...first, name: hostile, environmentNames: [hostile] }] : [],
    changes: { changed: [hostile], deleted: [] },
  });
  expect(shown).not.toContain('<img');
  expect(shown.match(/&lt;img src=x/g)?.length).toBeGreaterThanOrEqual(5);
});

test('shows the archives in an image or of a pod', () => {
  const pod = inspectionPage({
    ...inspection,
    kind: 'pod',
    containers: [
      { ...inspection, file: 'a.tar' },
      { ...inspection, file: 'b.tar' },
    ],
  });
  expect(pod.match(/<h1>/g)).toHaveLength(3);
  expect(pod.match(/The container was frozen for/g)).toHaveLength(2);
});
