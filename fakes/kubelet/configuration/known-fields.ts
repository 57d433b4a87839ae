// Lists the fields of a KubeletConfiguration (kubelet.config.k8s.io/v1beta1, as of 1.36) and the types of their values.

export type FieldKind =
  | 'text'
  | 'boolean'
  | 'integer'
  | 'number'
  | 'duration'
  | 'texts'
  | 'integers'
  | 'list'
  | 'map'
  | 'map-of-text'
  | 'map-of-booleans';

/** Top-level fields by type of value. */
const BY_KIND: Readonly<Record<FieldKind, string>> = {
  text: `staticPodPath podLogsDir staticPodURL address tlsCertFile tlsPrivateKeyFile tlsMinVersion
    imagePullCredentialsVerificationPolicy healthzBindAddress clusterDomain kubeletCgroups systemCgroups cgroupRoot
    cgroupDriver cpuManagerPolicy memoryManagerPolicy topologyManagerPolicy topologyManagerScope hairpinMode podCIDR
    resolvConf contentType containerLogMaxSize configMapAndSecretChangeDetectionStrategy reservedSystemCPUs
    showHiddenMetricsForVersion systemReservedCgroup kubeReservedCgroup volumePluginDir providerID
    memoryReservationPolicy containerRuntimeEndpoint imageServiceEndpoint`,
  boolean: `enableServer rotateCertificates serverTLSBootstrap enableDebuggingHandlers enableContentionProfiling
    cgroupsPerQOS singleProcessOOMKill runOnce cpuCFSQuota serializeImagePulls mergeDefaultEvictionSettings
    enableControllerAttachDetach protectKernelDefaults makeIPTablesUtilChains failSwapOn failCgroupV1
    kernelMemcgNotification enableSystemLogHandler enableSystemLogQuery enableProfilingHandler enableDebugFlagsHandler
    seccompDefault registerNode localStorageCapacityIsolation`,
  integer: `port readOnlyPort registryPullQPS registryBurst eventRecordQPS eventBurst healthzPort oomScoreAdj
    nodeLeaseDurationSeconds imageGCHighThresholdPercent imageGCLowThresholdPercent maxPods podPidsLimit
    nodeStatusMaxImages maxOpenFiles kubeAPIQPS kubeAPIBurst maxParallelImagePulls evictionMaxPodGracePeriod podsPerCore
    iptablesMasqueradeBit iptablesDropBit containerLogMaxFiles containerLogMaxWorkers`,
  number: 'memoryThrottlingFactor',
  duration: `syncFrequency fileCheckFrequency httpCheckFrequency streamingConnectionIdleTimeout nodeStatusUpdateFrequency
    nodeStatusReportFrequency imageMinimumGCAge imageMaximumGCAge volumeStatsAggPeriod cpuManagerReconcilePeriod
    draManagerReconcilePeriod runtimeRequestTimeout cpuCFSQuotaPeriod evictionPressureTransitionPeriod
    containerLogMonitorInterval shutdownGracePeriod shutdownGracePeriodCriticalPods`,
  texts: `tlsCipherSuites preloadedImagesVerificationAllowlist clusterDNS enforceNodeAllocatable allowedUnsafeSysctls`,
  integers: 'tlsCurvePreferences',
  list: 'shutdownGracePeriodByPodPriority reservedMemory registerWithTaints',
  map: 'staticPodURLHeader memorySwap logging tracing crashLoopBackOff userNamespaces authentication authorization',
  'map-of-text': `cpuManagerPolicyOptions topologyManagerPolicyOptions qosReserved evictionHard evictionSoft
    evictionSoftGracePeriod evictionMinimumReclaim systemReserved kubeReserved`,
  'map-of-booleans': 'featureGates',
};

/** Types of the top-level fields. */
export const KNOWN_FIELDS: ReadonlyMap<string, FieldKind> = new Map(
  (Object.keys(BY_KIND) as FieldKind[]).flatMap((kind) =>
    BY_KIND[kind].split(/\s+/).map((name): [string, FieldKind] => [name, kind]),
  ),
);

/** Fields in `authentication` and `authorization`, by path. */
export const KNOWN_NESTED: Readonly<Record<string, readonly string[]>> = {
  authentication: ['x509', 'webhook', 'anonymous'],
  'authentication.x509': ['clientCAFile'],
  'authentication.webhook': ['enabled', 'cacheTTL'],
  'authentication.anonymous': ['enabled'],
  authorization: ['mode', 'webhook'],
  'authorization.webhook': ['cacheAuthorizedTTL', 'cacheUnauthorizedTTL'],
};

/** Fields that have an effect on the fake kubelet. */
export const EFFECTIVE_FIELDS: ReadonlySet<string> = new Set([
  'address',
  'port',
  'readOnlyPort',
  'tlsCertFile',
  'tlsPrivateKeyFile',
  'tlsMinVersion',
  'tlsCipherSuites',
  'authentication',
  'authorization',
  'featureGates',
  'enableDebuggingHandlers',
  'staticPodPath',
  'fileCheckFrequency',
  'runtimeRequestTimeout',
  'containerRuntimeEndpoint',
  'imageServiceEndpoint',
  'podLogsDir',
]);
