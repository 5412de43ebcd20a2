import type { Credentials } from './credentials.js';

export interface Ports {
  readonly etcd: number;
  readonly etcdPeer: number;
  readonly apiServer: number;
  readonly controllerManager: number;
  readonly scheduler: number;
}

const LOCAL = '127.0.0.1';

/** One etcd without care for durability: its data goes when the control plane does. */
export function etcdFlags(ports: Ports, data: string): string[] {
  const client = `http://${LOCAL}:${ports.etcd}`;
  const peer = `http://${LOCAL}:${ports.etcdPeer}`;
  return [
    `--data-dir=${data}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=default=${peer}`,
    '--unsafe-no-fsync=true',
    '--log-level=warn',
  ];
}

export function apiServerFlags(ports: Ports, { files }: Credentials, certDir: string): string[] {
  return [
    `--etcd-servers=http://${LOCAL}:${ports.etcd}`,
    `--bind-address=${LOCAL}`,
    `--secure-port=${ports.apiServer}`,
    // Loopback is no address for Endpoints of the Service `kubernetes`.
    '--endpoint-reconciler-type=none',
    `--cert-dir=${certDir}`,
    `--tls-cert-file=${files.serverCert}`,
    `--tls-private-key-file=${files.serverKey}`,
    `--client-ca-file=${files.caCert}`,
    `--token-auth-file=${files.tokens}`,
    '--authorization-mode=RBAC',
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${files.accountPublicKey}`,
    `--service-account-signing-key-file=${files.accountKey}`,
    '--service-cluster-ip-range=10.96.0.0/16',
    '--allow-privileged=true',
  ];
}

export function controllerManagerFlags(ports: Ports, { files, kubeconfigs }: Credentials, certDir: string): string[] {
  return [
    ...clientFlags(kubeconfigs['system:kube-controller-manager']),
    `--secure-port=${ports.controllerManager}`,
    `--cert-dir=${certDir}`,
    `--service-account-private-key-file=${files.accountKey}`,
    `--root-ca-file=${files.caCert}`,
    `--cluster-signing-cert-file=${files.caCert}`,
    `--cluster-signing-key-file=${files.caKey}`,
    '--use-service-account-credentials=true',
    // A busy machine may hold kwok's heartbeats up: its nodes stay.
    '--node-monitor-grace-period=1h',
  ];
}

export function schedulerFlags(ports: Ports, { kubeconfigs }: Credentials, certDir: string): string[] {
  return [
    ...clientFlags(kubeconfigs['system:kube-scheduler']),
    `--secure-port=${ports.scheduler}`,
    `--cert-dir=${certDir}`,
  ];
}

export function kwokFlags({ kubeconfigs }: Credentials, config: string): string[] {
  return [
    `--kubeconfig=${kubeconfigs.kwok}`,
    `--config=${config}`,
    '--manage-all-nodes=true',
    '--node-lease-duration-seconds=40',
    `--node-ip=${LOCAL}`,
  ];
}

function clientFlags(kubeconfig: string): string[] {
  return [
    `--kubeconfig=${kubeconfig}`,
    `--authentication-kubeconfig=${kubeconfig}`,
    `--authorization-kubeconfig=${kubeconfig}`,
    `--bind-address=${LOCAL}`,
    '--leader-elect=false',
  ];
}
