// Tests that the metrics of checkpoints have the recorded names, help texts, labels and buckets.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { type OnePodNode, onePodNode, post } from '../testing/one-pod-node';
import { send } from '../testing/raw-client';

const RECORDED = readFileSync(path.join(__dirname, '../testdata/metrics.txt'), 'utf8');

/** Returns the lines about checkpoints without their values. */
const shapes = (text: string) =>
  text
    .split('\n')
    .filter((line) => /^kubelet_.*"checkpoint(_container)?"/.test(line))
    .map((line) => line.replace(/ [^ ]+$/, ''));
const helps = (text: string) => text.split('\n').filter((line) => /^# /.test(line));

test('a checkpoint is counted as by a real kubelet', async () => {
  await using node: OnePodNode = await onePodNode();
  await using kubelet = await node.start();
  await post(kubelet, '/checkpoint/shop/web-n/app');
  await post(kubelet, '/checkpoint/shop/nope/app');
  const scrape = () => send(kubelet, { method: 'GET', path: '/metrics', client: 'client certificate' });
  const { body, headers } = await scrape();
  expect(headers['Content-Type']).toMatch(/^text\/plain; version=0\.0\.4; charset=utf-8/);
  expect(shapes(body)).toEqual(shapes(RECORDED));
  expect(helps(body).filter((line) => !line.includes('errors_total'))).toEqual(helps(RECORDED));
  const value = (name: string, text: string) =>
    Number(
      text
        .split('\n')
        .find((line) => line.startsWith(name))
        ?.split(' ')
        .at(-1),
    );
  const total = 'kubelet_runtime_operations_total{operation_type="checkpoint_container"}';
  const errors = 'kubelet_runtime_operations_errors_total{operation_type="checkpoint_container"}';
  expect(value('kubelet_http_requests_total{long_running="false",method="POST",path="checkpoint"', body)).toBe(2);
  expect(value('kubelet_http_inflight_requests{long_running="false",method="POST",path="checkpoint"', body)).toBe(0);
  expect(value(total, body)).toBe(1);
  expect(body).not.toContain(errors);
  node.runtime.on({
    CheckpointContainer: () => {
      throw new Error('no');
    },
  });
  await post(kubelet, '/checkpoint/shop/web-n/app');
  const after = (await scrape()).body;
  expect([value(total, after), value(errors, after)]).toEqual([2, 1]);
  // A call with a negative timeout fails in the kubelet's own client, and still counts as an operation.
  await post(kubelet, '/checkpoint/shop/web-n/app?timeout=-1');
  const refused = (await scrape()).body;
  expect([value(total, refused), value(errors, refused)]).toEqual([3, 2]);
});
