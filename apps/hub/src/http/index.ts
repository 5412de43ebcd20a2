export * from './http.module.js';
export { describeApi, serveApiDocs } from './openapi.js';
export { sendAddressProblem } from './problem-details.filter.js';
export { forwardToLeader, listenToPeers } from './serve-peers.js';
