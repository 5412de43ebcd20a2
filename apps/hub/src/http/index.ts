export * from './http.module.js';
export { describeApi, serveApiDocs } from './openapi.js';
