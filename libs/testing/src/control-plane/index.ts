export { ApiClient } from './api-client.js';
export type { ApiAccess, ApiAnswer, ApiRequest } from './api-client.js';
export { ensureKubernetesAssets } from './ensure-assets.js';
export { findKubernetesAssets } from './kubernetes-assets.js';
export { startControlPlane } from './start-control-plane.js';
export type { ControlPlane, ControlPlaneOptions } from './start-control-plane.js';
