import type { Command } from 'commander';
import { Connection, KubeClient, isApiFault } from '@flotilla/kube';
import type { ApiFault } from '@flotilla/kube';
import type { ExitName } from '../exit.js';
import { CliError } from '../exit.js';

/** How one cluster is reached without the hub. */
export interface ClusterOptions {
  readonly context?: string;
  readonly kubeconfig?: string;
  readonly namespace: string;
}

export function withClusterOptions(command: Command): Command {
  return command
    .option('--context <name>', 'context of the kubeconfig')
    .option('--kubeconfig <file>', 'kubeconfig file; as kubectl finds its own without it')
    .option('--namespace <name>', 'namespace of the agent', 'flotilla-system');
}

/** Runs with a client of the cluster. @throws CliError with what the API server said. */
export async function inCluster<T>(options: ClusterOptions, act: (client: KubeClient) => Promise<T>): Promise<T> {
  const client = new KubeClient(connectionOf(options));
  try {
    return await act(client);
  } catch (error) {
    if (!isApiFault(error)) throw error;
    throw new CliError(exitOf(error), error.message);
  } finally {
    client.close();
  }
}

function exitOf(fault: ApiFault): ExitName {
  if (isApiFault(fault, 'Forbidden', 'Unauthorized')) return 'refused';
  return isApiFault(fault, 'Timeout') ? 'timeout' : 'unreachable';
}

function connectionOf({ kubeconfig, context }: ClusterOptions): Connection {
  const options = context === undefined ? {} : { context };
  try {
    return kubeconfig === undefined ? Connection.fromDefault(options) : Connection.fromFile(kubeconfig, options);
  } catch (cause) {
    throw new CliError('usage', `the cluster's credentials cannot be read: ${(cause as Error).message}`);
  }
}
