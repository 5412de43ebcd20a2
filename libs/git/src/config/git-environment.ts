import { sshCommand } from '../ssh-command.js';

/** What git needs of the surroundings: where programs and keys lie, and how the network is reached. Nothing else passes. */
const PASSED = ['PATH', 'HOME', 'USERPROFILE', 'SYSTEMROOT', 'TMPDIR', 'TEMP', 'SSH_AUTH_SOCK'];
const PROXY = ['http_proxy', 'https_proxy', 'no_proxy', 'HTTPS_PROXY', 'NO_PROXY', 'GIT_SSL_CAINFO', 'SSL_CERT_FILE'];

/**
 * Environment of every git process: no configuration of the machine or user, no prompts, no LFS download. Settings of the
 * caller's own repository (`GIT_DIR` in a hook) never leak in.
 */
export function gitEnvironment(more: Readonly<Record<string, string>> = {}): Record<string, string> {
  const passed = [...PASSED, ...PROXY].flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    ...Object.fromEntries(passed),
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
    GIT_LFS_SKIP_SMUDGE: '1',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_SSH_COMMAND: sshCommand(),
    ...more,
  };
}
