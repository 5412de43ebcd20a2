export * from './config/index.js';
export * from './start-agent.js';
export * from './run-agent.js';
export * from './simulate/index.js';
export { AGENT_VERSION } from './version.js';
