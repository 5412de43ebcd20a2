/** Version of the hub. A test keeps it equal to package.json. */
export const HUB_VERSION = '0.1.0';
