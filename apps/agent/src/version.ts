/** Version of this program, as it states it to the hub. A test keeps it equal to package.json. */
export const AGENT_VERSION = '0.1.0';
