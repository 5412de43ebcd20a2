export * from './full-jitter.js';
export * from './reconnect-window.js';
