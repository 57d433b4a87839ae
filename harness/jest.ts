// `ckptest/jest`: specs as tests. It needs a test runner with Jest's globals, but no package of Jest.
export { type DescribeSpecsOptions, describeSpecs, type TestRunner } from './library/describe-specs';
export { openTarget, type TargetOptions } from './library/target';
