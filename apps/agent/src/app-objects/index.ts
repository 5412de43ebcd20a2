export { KubeAppObjects } from './kube-app-objects.js';
export { LocalReconciler } from './local-reconciler.js';
