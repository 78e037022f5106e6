import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { settingEntries } from '#src/config/settings.js';
import { loadConfig } from '#src/config.js';
import { parseS3Address } from '#src/embedded/blobs/s3/address.js';
import { parsePostgresUrl } from '#src/embedded/store/postgres/address.js';

interface Service {
  image: string;
  environment?: Record<string, string>;
  volumes?: string[];
  depends_on?: string[] | Record<string, object>;
  build?: string;
}

const examples = new URL('../../examples/', import.meta.url);
const read = (name: string) => readFileSync(new URL(name, examples), 'utf8');

interface Composition {
  services: Record<string, Service>;
  volumes: Record<string, unknown>;
}
const composition = (name: string) => parse(read(name), { merge: true }) as Composition;
const { services } = composition('compose.yaml');

/** As Compose puts values in place of variables. */
const filledIn = (environment: Record<string, string>) =>
  Object.fromEntries(
    Object.entries(environment).map(([name, text]) => [
      name,
      text.replace(/\$\{(\w+)(?::-([^}]*))?(?::\?[^}]*)?\}/g, (_, variable: string, fallback?: string) =>
        variable === 'LOOKALIKE_API_KEYS' ? `admin:${'k'.repeat(48)}` : (fallback ?? 'x'.repeat(48)),
      ),
    ]),
  );

describe('examples/compose.yaml', () => {
  it('has two gateways with the same settings, which a gateway takes', () => {
    const gateways = Object.entries(services).filter(([name]) => name.startsWith('gateway-'));
    expect(gateways).toHaveLength(2);
    expect(gateways[0]![1]).toEqual(gateways[1]![1]);
    const environment = filledIn(gateways[0]![1].environment!);
    const { databaseUrl, blobsUrl, publicUrl, apiKeys } = loadConfig(environment);
    expect(apiKeys).toHaveLength(1);
    expect(publicUrl).toBe('http://localhost:8080');
    const database = parsePostgresUrl(databaseUrl!);
    const { POSTGRES_USER: user, POSTGRES_DB: name } = services.postgres!.environment!;
    expect(database).toMatchObject({ host: 'postgres', port: 5432, database: name, user });
    const objects = parseS3Address(blobsUrl!, {});
    expect(objects).toMatchObject({ bucket: 'pictures', pathStyle: true });
    expect(objects.endpoint.href).toBe('http://s3:7070/');
    expect(services.s3!.volumes).toEqual([`objects:/data/${objects.bucket}`]);
    expect(environment.AWS_ACCESS_KEY_ID).toBe(services.s3!.environment!.ROOT_ACCESS_KEY);
  });
});

describe.each(['compose.yaml', 'compose-caddy.yaml'])('examples/%s', (name) => {
  const { services, volumes } = composition(name);

  it('names only what is there: services, volumes, files', () => {
    for (const { depends_on: needed = [], volumes: mounts = [], build } of Object.values(services)) {
      for (const name of Array.isArray(needed) ? needed : Object.keys(needed))
        expect(services, name).toHaveProperty(name);
      for (const [source = ''] of mounts.map((mount) => mount.split(':'))) {
        if (source.startsWith('./')) expect(existsSync(new URL(source, examples)), source).toBe(true);
        else expect(volumes, source).toHaveProperty(source);
      }
      if (build) expect(existsSync(new URL(`${build}/Dockerfile`, examples))).toBe(true);
    }
  });

  it('has the images of a version each', () => {
    for (const { image, build } of Object.values(services)) if (!build) expect(image).toMatch(/:v?\d+/);
  });

  it('gives gateways settings that there are, and that a gateway takes', () => {
    const known = new Set<string>(settingEntries.map(([, { env }]) => env));
    const gateways = Object.entries(services).filter(([service]) => service.startsWith('gateway'));
    expect(gateways.length).toBeGreaterThan(0);
    for (const [, { environment = {} }] of gateways) {
      const own = Object.keys(environment).filter((variable) => !variable.startsWith('AWS_'));
      expect(own.filter((variable) => !known.has(variable))).toEqual([]);
      expect(loadConfig(filledIn(environment)).apiKeys).toHaveLength(1);
    }
  });
});

const nginx = '/usr/sbin/nginx';
const missing = existsSync(nginx) ? '' : ' (skipped: no nginx here; apt-get install nginx-light)';

it.skipIf(missing !== '')(
  `examples/nginx.conf is one that nginx takes, as is that of the docs${missing}`,
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'lookalike-nginx-'));
    const docs = readFileSync(new URL('../docs/scaling.md', examples), 'utf8');
    const [, shown] = /```nginx\n([\s\S]*?)```/.exec(docs)!;
    for (const config of [read('nginx.conf'), `events {}\nhttp {\n${shown}}`]) {
      const file = join(folder, 'nginx.conf');
      // Names of hosts are looked up, and the port and the folders of the system may not be this user's.
      const here = config.replace(/gateway-\d:/g, '127.0.0.1:').replace('listen 80;', 'listen 18080;');
      const own =
        'client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path f; uwsgi_temp_path u;';
      writeFileSync(
        file,
        `pid ${folder}/pid;\nerror_log stderr;\n${here.replace('http {', `http {\n${own} scgi_temp_path s; access_log off;`)}`,
      );
      const { status, stderr } = spawnSync(nginx, ['-t', '-q', '-p', folder, '-c', file], {
        encoding: 'utf8',
      });
      expect([status, stderr]).toEqual([0, '']);
    }
    rmSync(folder, { recursive: true });
  },
);
