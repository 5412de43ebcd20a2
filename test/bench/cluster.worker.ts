/** An embedded cluster as a process; writes the kubeconfig it is given and says so. */
import { startClusterApi } from '@flotilla/testing';

const api = await startClusterApi();
await api.writeKubeconfig(process.argv[2] ?? '');
process.send?.('ready');
process.on('disconnect', () => process.exit(0));
