import { isIPv6 } from 'node:net';
import { type Config, ConfigError } from '../config.js';

/**
 * The address of the gateway of this machine that runs with these settings.
 * @param option what gives it where they do not say
 * @throws ConfigError
 */
export function addressOf({ host, port }: Config, option: '--url' | '--server'): string {
  if (port === 0) throw new ConfigError(`PORT is 0, so that ${option} must say where the gateway is.`);
  const reachable = EVERY_ADDRESS[host] ?? host;
  return `http://${isIPv6(reachable) ? `[${reachable}]` : reachable}:${port}`;
}

/** A gateway that listens on all addresses is asked at that of loopback. */
const EVERY_ADDRESS: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };
