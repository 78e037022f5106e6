import { type LookupAddress, lookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import { Agent, buildConnector, type Dispatcher } from 'undici';

/** An address that is not on the public internet. */
export class PrivateAddressError extends Error {
  override readonly name = 'PrivateAddressError';

  constructor(host: string) {
    super(`${host} is at an address of a private network, which is fetched with --allow-private only.`);
  }
}

/** Whether anybody on the internet reaches the same under an address. */
export function isPublic(address: string): boolean {
  return ipaddr.parse(address).range() === 'unicast';
}

/**
 * Connections to addresses that are allowed. The address is judged that the connection is made to: a name may lead elsewhere
 * from one moment to the next.
 */
export function guardedAgent(isAllowed: (address: string) => boolean): Dispatcher {
  const connect = buildConnector({ lookup: guardedLookup(isAllowed) });
  return new Agent({
    connect(options, callback) {
      const host = options.hostname.replace(/^\[|\]$/g, '');
      // An address is not looked up.
      if (isIP(host) && !isAllowed(host)) return callback(new PrivateAddressError(host), null);
      connect(options, callback);
    },
  });
}

function guardedLookup(isAllowed: (address: string) => boolean): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
      if (error) return callback(error, '');
      const found = addresses.filter(({ address }) => isAllowed(address));
      if (found.length === 0) return callback(new PrivateAddressError(hostname), '');
      if (options.all) callback(null, found);
      else callback(null, found[0]!.address, found[0]!.family);
    });
  };
}
