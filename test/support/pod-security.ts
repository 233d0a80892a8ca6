interface SecurityContext {
  readonly privileged?: boolean;
  readonly allowPrivilegeEscalation?: boolean;
  readonly runAsNonRoot?: boolean;
  readonly runAsUser?: number;
  readonly procMount?: string;
  readonly seccompProfile?: { readonly type?: string };
  readonly appArmorProfile?: { readonly type?: string };
  readonly seLinuxOptions?: { readonly type?: string; readonly user?: string; readonly role?: string };
  readonly windowsOptions?: { readonly hostProcess?: boolean };
  readonly capabilities?: { readonly add?: readonly string[]; readonly drop?: readonly string[] };
  readonly sysctls?: readonly { readonly name: string }[];
}

interface Container {
  readonly name: string;
  readonly securityContext?: SecurityContext;
  readonly ports?: readonly { readonly hostPort?: number }[];
}

/** As much of a pod's spec as Pod Security looks at. */
export interface PodSpec {
  readonly hostNetwork?: boolean;
  readonly hostPID?: boolean;
  readonly hostIPC?: boolean;
  readonly securityContext?: SecurityContext;
  readonly containers: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly volumes?: readonly Readonly<Record<string, unknown>>[];
}

const VOLUMES = [
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'persistentVolumeClaim',
  'projected',
  'secret',
];
const SE_LINUX_TYPES = ['', 'container_t', 'container_init_t', 'container_kvm_t', 'container_engine_t'];
const SYSCTLS = [
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.ping_group_range',
];

type Fault = readonly [isBroken: boolean, what: string];

const broken = (faults: readonly Fault[]): readonly string[] =>
  faults.filter(([isBroken]) => isBroken).map(([, what]) => what);

const confined = (type: string | undefined): boolean => type === 'RuntimeDefault' || type === 'Localhost';

/** What a container may have of its own or by its pod. */
function contextFaults(own: SecurityContext, at: string): readonly string[] {
  const { seLinuxOptions: linux = {}, appArmorProfile } = own;
  return broken([
    [own.windowsOptions?.hostProcess === true, `${at}: host process`],
    [!SE_LINUX_TYPES.includes(linux.type ?? ''), `${at}: SELinux type`],
    [(linux.user ?? '') !== '' || (linux.role ?? '') !== '', `${at}: SELinux user or role`],
    [appArmorProfile !== undefined && !confined(appArmorProfile.type), `${at}: AppArmor`],
    [own.runAsUser === 0, `${at}: runs as root`],
    [own.runAsNonRoot === false, `${at}: may run as root`],
    [own.seccompProfile !== undefined && !confined(own.seccompProfile.type), `${at}: seccomp`],
  ]);
}

function containerFaults({ name, securityContext: own = {}, ports = [] }: Container, pod: SecurityContext) {
  const { add = [], drop = [] } = own.capabilities ?? {};
  return [
    ...contextFaults(own, name),
    ...broken([
      [own.privileged === true, `${name}: privileged`],
      [own.allowPrivilegeEscalation !== false, `${name}: privilege escalation`],
      [(own.runAsNonRoot ?? pod.runAsNonRoot) !== true, `${name}: not held to run as non-root`],
      [!confined((own.seccompProfile ?? pod.seccompProfile)?.type), `${name}: no seccomp profile`],
      [!drop.includes('ALL'), `${name}: keeps capabilities`],
      [add.some((each) => each !== 'NET_BIND_SERVICE'), `${name}: adds capabilities`],
      [(own.procMount ?? 'Default') !== 'Default', `${name}: proc mount`],
      [ports.some(({ hostPort = 0 }) => hostPort !== 0), `${name}: host port`],
    ]),
  ];
}

/**
 * What the restricted Pod Security Standard has against a pod, field by field; Linux pods, as of Kubernetes 1.36
 * (kubernetes.io/docs/concepts/security/pod-security-standards).
 */
export function restrictedFaults(spec: PodSpec): readonly string[] {
  const { securityContext: pod = {}, containers, initContainers = [], volumes = [] } = spec;
  const kinds = volumes.flatMap((volume) => Object.keys(volume).filter((key) => key !== 'name'));
  return [
    ...broken([
      [spec.hostNetwork === true, 'pod: host network'],
      [spec.hostPID === true, 'pod: host PID'],
      [spec.hostIPC === true, 'pod: host IPC'],
      [(pod.sysctls ?? []).some(({ name }) => !SYSCTLS.includes(name)), 'pod: sysctl'],
      [kinds.some((kind) => !VOLUMES.includes(kind)), 'pod: volume'],
    ]),
    ...contextFaults(pod, 'pod'),
    ...[...initContainers, ...containers].flatMap((each) => containerFaults(each, pod)),
  ];
}
