// The report as a Sonobuoy plugin gives it: one archive, and the file `done` that names it.

/** Where Sonobuoy waits for a plugin's results, by its own variable. */
export const sonobuoyFolder = (environment: NodeJS.ProcessEnv): string =>
  environment['SONOBUOY_RESULTS_DIR'] || '/tmp/sonobuoy/results';
