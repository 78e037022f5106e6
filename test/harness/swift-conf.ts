import { userInfo } from 'node:os';

/** What the servers of Swift have in common: one process each, without root, without mounted devices. */
function common(folder: string, port: number): string {
  return `[DEFAULT]
bind_ip = 127.0.0.1
bind_port = ${port}
swift_dir = ${folder}
workers = 0
user = ${userInfo().username}
log_address = /nonexistent
`;
}

/** Of a server that keeps things: accounts, containers or objects. */
export function storageConf({ kind, folder, port }: { kind: string; folder: string; port: number }): string {
  return `${common(folder, port)}devices = ${folder}/dev
mount_check = false
disable_fallocate = true
recon_cache_path = ${folder}
[pipeline:main]
pipeline = ${kind}-server
[app:${kind}-server]
use = egg:swift#${kind}
`;
}

/**
 * Of the server that speaks S3; without memcached its authentication does not work. It goes on asking servers that failed,
 * as it comes up before they do: otherwise it would leave them alone for a minute.
 */
export function proxyConf({
  folder,
  port,
  memcached,
}: {
  folder: string;
  port: number;
  memcached: number;
}): string {
  const filters = ['catch_errors', 'gatekeeper', 'healthcheck', 'bulk', 'slo', 'dlo', 'copy'];
  return `${common(folder, port)}[pipeline:main]
pipeline = catch_errors gatekeeper healthcheck cache s3api tempauth bulk slo dlo copy proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
error_suppression_interval = 0
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:${memcached}
[filter:s3api]
use = egg:swift#s3api
location = us-east-1
[filter:tempauth]
use = egg:swift#tempauth
user_test_tester = testing .admin
${filters.map((filter) => `[filter:${filter}]\nuse = egg:swift#${filter}\n`).join('')}`;
}
