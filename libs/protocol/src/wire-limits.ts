import type { ChannelOptions } from '@grpc/grpc-js';

/** One report, in bytes of JSON. */
export { MAX_REPORT_BYTES } from '@flotilla/domain';

/** Highest minor of the protocol that this build speaks. Both sides work across one minor. */
export const PROTOCOL_MINOR = 2;

/** From this minor on agents read content and manifests that leave out their digest, and the object dictionary. */
export const LEAN_CONTENT_MINOR = 2;

/** DNS name that every certificate of a hub's listeners carries beside its addresses: agents accept it under any address. */
export const HUB_SERVER_NAME = 'hub.flotilla.internal';

/** Largest message in either direction, in bytes. Larger desired states travel as ids, their content in parts. */
export const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;

/** Contents and manifests sent along with a desired state, in bytes; what is missing is fetched by id. */
export const MAX_INLINE_BYTES = 256 * 1024;

/** Ids asked for by one fetch, and bytes of content put into one response of its stream. */
export const MAX_FETCH_IDS = 1_000;
export const MAX_FETCH_PART_BYTES = 1024 * 1024;

/** One object, uncompressed. What a Kubernetes API server takes is 1.5 MiB; this leaves room for JSON escapes. */
export const MAX_OBJECT_BYTES = 3 * 1024 * 1024;

/** Reports sent and not yet answered by ReportStored, per session. */
export const MAX_UNSTORED_REPORTS = 64;

/** A peer that does not answer within two periods is dead. */
export const KEEPALIVE_MS = 20_000;
const KEEPALIVE_TIMEOUT_MS = 10_000;

/** Service, method names and status travel in headers; nothing else does. */
const MAX_METADATA_BYTES = 8 * 1024;

const BOTH: ChannelOptions = {
  'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
  'grpc.max_send_message_length': MAX_MESSAGE_BYTES,
  'grpc.max_metadata_size': MAX_METADATA_BYTES,
  'grpc.keepalive_time_ms': KEEPALIVE_MS,
  'grpc.keepalive_timeout_ms': KEEPALIVE_TIMEOUT_MS,
  // Nobody asks for it, and it keeps books on every connection and call.
  'grpc.enable_channelz': 0,
};

/** Options of an agent's channel. Reconnecting is the link's own business, with full jitter; gRPC's retries are off. */
export const CHANNEL_OPTIONS: ChannelOptions = {
  ...BOTH,
  'grpc.keepalive_permit_without_calls': 1,
  'grpc.enable_retries': 0,
  'grpc.service_config_disable_resolution': 1,
  'grpc.enable_http_proxy': 1,
  'grpc.use_local_subchannel_pool': 1,
};

/** Options of both listeners of the hub. One session needs one stream, and a few calls for content beside it. */
export const SERVER_OPTIONS: ChannelOptions = {
  ...BOTH,
  'grpc.max_concurrent_streams': 16,
  'grpc.max_connection_age_grace_ms': 5_000,
};
