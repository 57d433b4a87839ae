// Lists the fields of a Pod (v1, as of Kubernetes 1.36), for warnings about misspelled fields.
import type { YamlField } from '../yaml-field';

/**
 * The fields of each type. The text after a colon is the type of the field's value, or of each item of a list. A field
 * without a type may contain any value, because the fake does not use it.
 */
const TYPES = {
  Pod: 'apiVersion kind metadata:Metadata spec:Spec status',
  Metadata: `name generateName namespace selfLink uid resourceVersion generation creationTimestamp deletionTimestamp
    deletionGracePeriodSeconds labels annotations ownerReferences finalizers managedFields`,
  Spec: `volumes:Volume initContainers:Container containers:Container ephemeralContainers:Container restartPolicy
    terminationGracePeriodSeconds activeDeadlineSeconds dnsPolicy nodeSelector serviceAccountName serviceAccount
    automountServiceAccountToken nodeName hostNetwork hostPID hostIPC shareProcessNamespace securityContext:PodSecurity
    imagePullSecrets hostname subdomain affinity schedulerName tolerations hostAliases priorityClassName priority
    dnsConfig readinessGates runtimeClassName enableServiceLinks preemptionPolicy overhead topologySpreadConstraints
    setHostnameAsFQDN os hostUsers schedulingGates resourceClaims resources:Resources hostnameOverride workloadRef
    schedulingGroup`,
  Container: `name image command args workingDir ports:Port envFrom env:Variable resources:Resources resizePolicy
    restartPolicy restartPolicyRules volumeMounts:Mount volumeDevices livenessProbe:Probe readinessProbe:Probe
    startupProbe:Probe lifecycle:Lifecycle terminationMessagePath terminationMessagePolicy imagePullPolicy
    securityContext:Security stdin stdinOnce tty targetContainerName`,
  Port: 'name hostPort containerPort protocol hostIP',
  Variable: 'name value valueFrom',
  Resources: 'limits requests claims',
  Mount: 'name readOnly recursiveReadOnly mountPath subPath mountPropagation subPathExpr',
  Probe: `exec:Command httpGet tcpSocket grpc initialDelaySeconds timeoutSeconds periodSeconds successThreshold
    failureThreshold terminationGracePeriodSeconds`,
  Lifecycle: 'postStart:Handler preStop:Handler stopSignal',
  Handler: 'exec:Command httpGet tcpSocket sleep',
  Command: 'command',
  Security: `capabilities:Capabilities privileged seLinuxOptions windowsOptions runAsUser runAsGroup runAsNonRoot
    readOnlyRootFilesystem allowPrivilegeEscalation procMount seccompProfile appArmorProfile`,
  Capabilities: 'add drop',
  PodSecurity: `seLinuxOptions windowsOptions runAsUser runAsGroup runAsNonRoot supplementalGroups
    supplementalGroupsPolicy fsGroup sysctls fsGroupChangePolicy seccompProfile appArmorProfile seLinuxChangePolicy`,
  Volume: `name hostPath:HostPath emptyDir gcePersistentDisk awsElasticBlockStore gitRepo secret nfs iscsi glusterfs
    persistentVolumeClaim rbd flexVolume cinder cephfs flocker downwardAPI fc azureFile configMap vsphereVolume quobyte
    azureDisk photonPersistentDisk projected portworxVolume scaleIO storageos csi ephemeral image`,
  HostPath: 'path type',
} as const satisfies Readonly<Record<string, string>>;

type TypeName = keyof typeof TYPES;

const isType = (name: string | undefined): name is TypeName => name !== undefined && Object.hasOwn(TYPES, name);

/** The fields of each type, with the types of their values. */
const FIELDS: ReadonlyMap<string, ReadonlyMap<string, string | undefined>> = new Map(
  Object.entries(TYPES).map(([type, fields]) => [
    type,
    new Map(
      fields.split(/\s+/).map((field): [string, string | undefined] => {
        const [name = '', of] = field.split(':');
        return [name, of];
      }),
    ),
  ]),
);

/** Returns the fields below `field` that the type does not have. */
function unknownIn(field: YamlField, type: TypeName): YamlField[] {
  if (Array.isArray(field.value)) return field.list().flatMap((item) => unknownIn(item, type));
  if (typeof field.value !== 'object') return [];
  const known = FIELDS.get(type);
  return Object.keys(field.value ?? {}).flatMap((key) => {
    if (!known?.has(key)) return [field.get(key)];
    const of = known.get(key);
    return isType(of) ? unknownIn(field.get(key), of) : [];
  });
}

/** Maximum number of fields in one warning. */
const MAX_NAMED = 10;

/**
 * Returns a sentence that names the fields that a Pod does not have, or undefined if there are no such fields. A
 * kubelet ignores such fields without a warning, so a misspelled field has no effect.
 * @param pod the root of a manifest
 */
export function unknownFieldsWarning(pod: YamlField): string | undefined {
  const unknown = unknownIn(pod, 'Pod');
  if (unknown.length === 0) return undefined;
  const named = unknown.slice(0, MAX_NAMED).map((field) => `${field.name} (line ${field.line})`);
  const more = unknown.length > MAX_NAMED ? ` and ${unknown.length - MAX_NAMED} more` : '';
  return `${pod.source.file} has fields that a Pod does not have, and they are ignored: ${named.join(', ')}${more}.`;
}
