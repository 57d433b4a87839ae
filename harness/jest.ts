// `ckptest/jest`: specs as tests. Needs a test runner with Jest's globals, and no package of one.
export { type DescribeSpecsOptions, describeSpecs, type TestRunner } from './library/describe-specs';
export { openTarget, type TargetOptions } from './library/target';
