/** The wire's generated types; only hub delivery and agent link see them. */
export * as wire from './generated/flotilla/agent/v1/agent.js';
export * as wireJoin from './generated/flotilla/agent/v1/join.js';
export * from './wire-limits.js';
export * from './bytes.js';
export * from './join-token.js';
export * from './map-version.js';
export * from './map-desired-state.js';
export * from './map-content.js';
export * from './map-report.js';
