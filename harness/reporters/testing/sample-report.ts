// Makes a report for tests that contains every status, and texts of a target that try to break each output format.
import { criApi, finding, observed, sentence } from '../../../specs/catalogue/sources';
import { makeReport } from '../../report/report';
import type { Report, Result } from '../../report/results';

/**
 * A text with special characters of HTML, XML, YAML and Markdown: tags, ends of CDATA, comments and fences, quotes,
 * pipes.
 */
export const HOSTILE =
  '</script><script>document.title="taken"</script><img src="https://example.invalid/x" onerror="alert(1)"> ]]> --> ```` | <b>&amp; \' " `code` @everyone #1 [x](https://example.invalid) \u00e9\u{1f600}';

const rule = { level: 'documented', strength: 'must', source: sentence('D26'), durationMs: 12 } as const;

export const RESULTS: readonly Result[] = [
  {
    ...rule,
    id: 'kubelet/route/post-is-200',
    title: 'A checkpoint is asked for by POST',
    status: 'pass',
    exchanges: [
      {
        wire: 'HTTP',
        sent: 'POST /checkpoint/default/counter/count (with valid credentials)',
        came: '200 {"items":["/a.tar"]}',
      },
    ],
    repeat: "npx ckptest run --focus '^kubelet/route/post-is-200$'",
  },
  {
    ...rule,
    id: 'kubelet/status-codes/unknown-pod-is-404',
    title: `A pod that cannot be found is 404 ${HOSTILE}`,
    status: 'fail',
    reason: `status: ${HOSTILE}`,
    violation: {
      label: 'status',
      expected: 'HTTP 404',
      actual: `A request for an unknown pod got HTTP 500 ${HOSTILE}`,
    },
    impact: 'Clients cannot tell a wrong name from a failing runtime',
    exchanges: [
      { wire: 'HTTP', sent: `POST /checkpoint/default/absent/count ${HOSTILE}`, came: `500 ${HOSTILE}`, matters: true },
      { wire: 'CRI', sent: 'ListContainers {"filter":{}}', came: `{"ok":false,"message":"${HOSTILE}"}` },
    ],
    repeat: `npx ckptest run --focus '^kubelet/status-codes/unknown-pod-is-404$' --persona '${HOSTILE}'`,
    attempts: ['fail', 'pass', 'fail'],
  },
  {
    ...rule,
    id: 'kubelet/timeout/shorter-ends-the-wait',
    title: 'A shorter timeout ends the wait',
    status: 'known-failure',
    reason: `kubelets only lengthen the wait ${HOSTILE}`,
    violation: { label: 'deadline', expected: '1 s', actual: 'The deadline was 120 s' },
    exchanges: [{ wire: 'HTTP', sent: 'POST /checkpoint/a/b/c?timeout=1', came: '200 {}' }],
    repeat: "npx ckptest run --focus '^kubelet/timeout/shorter-ends-the-wait$'",
  },
  {
    ...rule,
    id: 'runtime/checkpoint-container/runs-on',
    title: 'The container runs on',
    level: 'hardening',
    source: finding('frozen-container'),
    status: 'error',
    reason: `the spec did not end within 120 s ${HOSTILE}`,
    repeat: "npx ckptest run --focus '^runtime/checkpoint-container/runs-on$'",
  },
  {
    ...rule,
    id: 'runtime/location/relative-is-refused',
    title: 'A relative location is refused',
    level: 'contract',
    strength: 'should',
    source: criApi('CheckpointContainerRequest.location'),
    status: 'unsupported',
    reason: `the runtime answers CheckpointContainer with UNIMPLEMENTED ${HOSTILE}`,
  },
  {
    ...rule,
    id: 'archive/format/is-a-tar',
    title: 'The archive is a tar',
    level: 'observed',
    source: observed('exchange 12'),
    status: 'skipped',
    reason: 'excluded',
    durationMs: 0,
  },
];

/** Makes a report with these results. Default: all results above. */
export const sampleReport = (results: readonly Result[] = RESULTS): Report =>
  makeReport({
    run: {
      startedAt: '2026-11-23T16:00:00.000Z',
      endedAt: '2026-11-23T16:00:08.250Z',
      command: 'npx ckptest run --runtime-endpoint unix:///run/containerd/containerd.sock --seed 7',
      seed: 7,
      repeat: 3,
      parallel: 2,
    },
    target: {
      kubelet: `built-in fake ${HOSTILE}`,
      runtime: `containerd 2.1.9 ${HOSTILE}`,
      found: { runtime: `it started a container ${HOSTILE}` },
      lacks: { checkpoint: `UNIMPLEMENTED ${HOSTILE}`, 'call-log': 'the runtime is a real one' },
    },
    profile: 'pair',
    results,
  });
