import { describe, expect, test } from 'vitest';
import { type PodSpec, restrictedFaults } from '../../support/pod-security.ts';

const GOOD: PodSpec = {
  securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
  containers: [
    {
      name: 'a',
      securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
      ports: [{}],
    },
  ],
  volumes: [{ name: 'tmp', emptyDir: {} }],
};

const withContext = (more: object): PodSpec => ({
  ...GOOD,
  containers: GOOD.containers.map((each) => ({
    ...each,
    securityContext: { ...each.securityContext, ...more },
  })),
});

const withPod = (more: object): PodSpec => ({
  ...GOOD,
  securityContext: { ...GOOD.securityContext, ...more },
});

describe('the reading of the restricted Pod Security Standard that our manifests are held to', () => {
  test('has nothing against a pod that keeps it', () => {
    expect(restrictedFaults(GOOD)).toEqual([]);
  });

  test.each<[string, PodSpec, string]>([
    ['the network of the node', { ...GOOD, hostNetwork: true }, 'pod: host network'],
    ['the processes of the node', { ...GOOD, hostPID: true }, 'pod: host PID'],
    ['the memory of the node', { ...GOOD, hostIPC: true }, 'pod: host IPC'],
    ['a folder of the node', { ...GOOD, volumes: [{ name: 'a', hostPath: {} }] }, 'pod: volume'],
    ['an unsafe sysctl', withPod({ sysctls: [{ name: 'kernel.msgmax' }] }), 'pod: sysctl'],
    ['root as its user', withPod({ runAsUser: 0 }), 'pod: runs as root'],
    ['no word about root', withPod({ runAsNonRoot: undefined }), 'a: not held to run as non-root'],
    ['no seccomp profile', withPod({ seccompProfile: undefined }), 'a: no seccomp profile'],
    ['seccomp switched off', withContext({ seccompProfile: { type: 'Unconfined' } }), 'a: seccomp'],
    ['AppArmor switched off', withContext({ appArmorProfile: { type: 'Unconfined' } }), 'a: AppArmor'],
    ['an SELinux type of its own', withContext({ seLinuxOptions: { type: 'spc_t' } }), 'a: SELinux type'],
    ['a host process', withContext({ windowsOptions: { hostProcess: true } }), 'a: host process'],
    ['privileges', withContext({ privileged: true }), 'a: privileged'],
    ['a way up', withContext({ allowPrivilegeEscalation: undefined }), 'a: privilege escalation'],
    ['capabilities it keeps', withContext({ capabilities: {} }), 'a: keeps capabilities'],
    [
      'capabilities it adds',
      withContext({ capabilities: { drop: ['ALL'], add: ['NET_RAW'] } }),
      'a: adds capabilities',
    ],
    ['an unmasked /proc', withContext({ procMount: 'Unmasked' }), 'a: proc mount'],
    [
      'a port of the node',
      { ...GOOD, containers: GOOD.containers.map((each) => ({ ...each, ports: [{ hostPort: 80 }] })) },
      'a: host port',
    ],
  ])('refuses a pod with %s', (_, spec, fault) => {
    expect(restrictedFaults(spec)).toContain(fault);
  });
});
