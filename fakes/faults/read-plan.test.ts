// Tests that plans are read, and that each mistake is reported in one sentence with file, line and key.
import { status } from '@grpc/grpc-js';
import { expect, test } from '@jest/globals';
import { UserError } from '../base/user-error';
import schema from './plan.schema.json';
import { readPlan, readPlanFile } from './read-plan';
import { ARCHIVE_FAULTS } from './rule';

const PLAN = `
- match: {method: CheckpointContainer, namespace: default, pod: web*, container: count, call: 2}
  times: 3
  do:
    abort: {code: UNAVAILABLE, message: the runtime is down}
- do: hang
- match: {method: POST}
  times: always
  do: {delay: 1.5s, status: 503, body: later}
- do: {archive: truncated}
`;

test('rules are read with their line numbers', () => {
  const rules = readPlan(PLAN, 'plan.yaml');
  expect(rules.map(({ at }) => at)).toEqual(['plan.yaml:2', 'plan.yaml:6', 'plan.yaml:7', 'plan.yaml:10']);
  expect(rules[0]).toMatchObject({ times: 3, do: { abort: { code: 'UNAVAILABLE' } } });
  expect(readPlan('[]', 'x')).toEqual([]);
});

test('a plan can also be JSON', () => {
  expect(readPlan('[{"do": {"abort": {"code": "INTERNAL"}}}]', 'the body')).toHaveLength(1);
});

test.each([
  ['- do: explode', 'p.yaml:1: [0].do is "explode", and must be one of hang, disconnect, restart, reset.'],
  ['- do: hang\n- match: {pot: x}\n  do: hang', 'p.yaml:2: [1].match.pot is not a known key here.'],
  ['- match: {}', 'p.yaml:1: [0] lacks the key do.'],
  [
    '- do:\n    abort:\n      code: NOPE',
    /^p\.yaml:3: \[0\]\.do\.abort\.code is "NOPE", and must be one of CANCELLED, /,
  ],
  ['- do: {abort: {message: x}}', 'p.yaml:1: [0].do.abort lacks the key code.'],
  ['- do: hang\n  times: never', 'p.yaml:2: [0].times is "never", and must be always.'],
  ['- do: hang\n  times: 0', 'p.yaml:2: [0].times must be >= 1.'],
  ['- do: {delay: soon}', /^p\.yaml:1: \[0\]\.do\.delay must match pattern/],
  ['- do: {archive: gone}', /^p\.yaml:1: \[0\]\.do\.archive is "gone", and must be one of intact, missing, empty/],
  ['- do: {hang: true, abort: {code: INTERNAL}}', /^p\.yaml:1: \[0\]\.do has hang and abort together: give only one/],
  ['- do: {status: 500, archive: empty}', /^p\.yaml:1: \[0\]\.do has status and archive together/],
  [
    '- match:\n    method: CheckpointContaner\n  do: hang',
    /^p\.yaml:2: \[0\]\.match\.method CheckpointContaner is neither/,
  ],
  ['- do: {status: 500}\n  match: {method: StartContainer}', /^p\.yaml:2: .* is a CRI call, and status is for HTTP/],
  ['- do: {archive: empty}\n  match: {hop: kubelet}', /^p\.yaml:2: \[0\]\.match\.hop is for HTTP, and archive is not/],
  ['- do: hang\n  match: {hop: kubelet, method: Status}', /^p\.yaml:2: .*hop is for HTTP, and Status is a CRI call/],
  ['- do: hang\n  match: {hop: moon}', /^p\.yaml:2: .*hop is "moon", and must be one of kubelet, api-server/],
  ['- do: disconnect\n  match: {method: POST}', /^p\.yaml:2: .* is an HTTP method, and disconnect is for CRI calls/],
  [
    '- do: {archive: empty}\n  match: {method: StopContainer}',
    /only CheckpointContainer writes archives, not StopContainer/,
  ],
  ['do: hang', 'p.yaml:1: the plan must be array.'],
  ['- do: [', /^p\.yaml:1: the text is not YAML: /],
])('the invalid plan %j is refused', (text, says) => {
  const read = () => readPlan(text, 'p.yaml');
  expect(read).toThrow(UserError);
  if (typeof says === 'string') expect(read).toThrow(new UserError(says));
  else expect(read).toThrow(says);
});

test('the schema contains the same archive faults and codes as the code', () => {
  const { action } = schema.$defs;
  expect([...action.properties.archive.enum].sort()).toEqual([...ARCHIVE_FAULTS].sort());
  const codes = Object.keys(status).filter((name) => name !== 'OK' && !/^\d+$/.test(name));
  expect([...action.properties.abort.properties.code.enum].sort()).toEqual(codes.sort());
});

test('a missing file is reported', () => {
  expect(() => readPlanFile('/none/plan.yaml')).toThrow(
    new UserError('/none/plan.yaml: the fault plan cannot be read (ENOENT): name an existing file.'),
  );
});
