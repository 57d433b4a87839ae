// The walls between the rooms: proto <- fakes, proto <- specs, fakes + specs <- harness.
const wall = (from, to, why) => ({
  name: `${from}-imports-${to}`,
  severity: 'error',
  comment: why,
  from: { path: `^${from}/` },
  to: { path: `^${to}/` },
});

module.exports = {
  forbidden: [
    wall('proto', '(fakes|specs|harness)', 'The wire contracts stand alone.'),
    wall(
      'fakes',
      '(specs|harness)',
      'A fake never sees a spec: they may not share code, so that they cannot share a mistake.',
    ),
    wall('specs', '(fakes|harness)', 'A spec never sees a fake: it must hold for every target.'),
    wall('fakes/kubelet', 'fakes/runtime', 'The fake kubelet reaches a runtime only through the CRI socket.'),
    wall('fakes/runtime', 'fakes/kubelet', 'The fake runtime knows its clients only through the CRI socket.'),
    wall('fakes/archive', 'fakes/(kubelet|runtime|deviations)', 'An archive is made from a snapshot, whoever took it.'),
    {
      name: 'no-cycles',
      severity: 'error',
      comment: 'Dependencies go one way.',
      from: { pathNot: '^proto/types/' },
      to: { circular: true },
    },
    { name: 'resolvable', severity: 'error', comment: 'Every import exists.', from: {}, to: { couldNotResolve: true } },
    {
      name: 'no-development-dependencies',
      severity: 'error',
      comment: 'What is shipped may need only what is installed with it.',
      from: { path: '^(proto|fakes|specs|harness)/', pathNot: '(\\.test\\.ts$|^harness/(runtimes|jest)/)' },
      to: { dependencyTypes: ['npm-dev'], pathNot: 'node_modules/@types' },
    },
  ],
  options: {
    parser: 'swc',
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^dist/|testdata)' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['require', 'node', 'types'],
    },
  },
};
