import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { settingEntries } from '#src/config/settings.js';
import { ConfigError, loadConfig } from '#src/config.js';
import { configFile } from './harness/config-file.js';

describe('the settings', () => {
  it('stand in the README as they are: names, defaults, documentation', () => {
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
    const rows = settingEntries
      .filter(([, { about }]) => about !== undefined)
      .map(([name, { env, default: value, unset = 'none', about }]) => {
        const shown = value === undefined ? unset : `\`${value}\``;
        return `| \`${env}\` | \`${name}\` | ${shown} | ${about} |`;
      });
    const [, table] = /\n\| environment \|.*\n\|[-|]+\|\n((?:\|.*\n)+)/.exec(readme) ?? [];
    expect(table?.trimEnd().split('\n')).toEqual(rows);
  });

  it('have defaults under which both services are embedded', () => {
    expect(loadConfig({})).toMatchObject({
      host: '127.0.0.1',
      port: 4000,
      dataDir: resolve('data'),
      maxUploadBytes: 64 * 1024 * 1024,
      maxPixels: 178_956_970,
      serviceTimeoutMs: 10_000,
      maxCost: 500_000,
      introspection: true,
      logLevel: 'info',
      slowMs: 1000,
    });
    expect(loadConfig({}).trustedDocuments).toBeUndefined();
    expect(loadConfig({}).imgcacheUrl).toBeUndefined();
  });

  it('come from the environment, where an empty value counts as none', () => {
    const config = loadConfig({
      HOST: '::1',
      PORT: '4100',
      LOOKALIKE_DATA_DIR: '/tmp/x',
      IMGCACHE_URL: 'http://user:secret@imgcache.example/base/',
      PUBLIC_URL: '',
      LOOKALIKE_MAX_UPLOAD_BYTES: '1000',
    });
    expect(config).toMatchObject({
      host: '::1',
      port: 4100,
      dataDir: '/tmp/x',
      imgcacheUrl: 'http://user:secret@imgcache.example/base',
      maxUploadBytes: 1000,
    });
    expect(config.publicUrl).toBeUndefined();
  });

  it('say whose pages may read answers', () => {
    const originsOf = (text: string) => loadConfig({ LOOKALIKE_CORS_ORIGINS: text }).corsOrigins;
    expect(originsOf('')).toBeUndefined();
    expect(originsOf('*')).toBe('*');
    expect(originsOf('https://a.example, http://b.example:8080')).toEqual([
      'https://a.example',
      'http://b.example:8080',
    ]);
  });

  it('say where traces go and how many, in the words of OpenTelemetry', () => {
    expect(loadConfig({})).toMatchObject({ tracesSampler: 'parentbased_always_on', tracesSamplerArg: 1 });
    expect(loadConfig({}).otlpEndpoint).toBeUndefined();
    const env = {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector.example:4318/',
      OTEL_TRACES_SAMPLER: 'traceidratio',
      OTEL_TRACES_SAMPLER_ARG: '0.25',
    };
    expect(loadConfig(env)).toMatchObject({
      otlpEndpoint: 'http://collector.example:4318',
      tracesSampler: 'traceidratio',
      tracesSamplerArg: 0.25,
    });
    for (const ratio of ['1.5', '-1', 'half'])
      expect(() => loadConfig({ OTEL_TRACES_SAMPLER_ARG: ratio })).toThrow(
        'OTEL_TRACES_SAMPLER_ARG must be a number from 0 to 1.',
      );
    expect(() => loadConfig({ OTEL_TRACES_SAMPLER: 'jaeger_remote' })).toThrow(
      /^OTEL_TRACES_SAMPLER must be one of always_on, /,
    );
  });

  it('allow serving everybody only in so many words', () => {
    const insecure = (text: string) => loadConfig({ LOOKALIKE_INSECURE: text }).insecure;
    expect(['', '0', 'false', '1', 'true'].map(insecure)).toEqual([false, false, false, true, true]);
  });

  it('name the keys of a real VisualSnoop, one pair a collection', () => {
    const config = loadConfig({ VISUALSNOOP_URL: 'http://v.example/api/v1/', VISUALSNOOP_KEYS: 'a:b,c:d' });
    expect(config.visualsnoopUrl).toBe('http://v.example/api/v1');
    expect(config.visualsnoopKeys).toEqual([
      { publicKey: 'a', secretKey: 'b' },
      { publicKey: 'c', secretKey: 'd' },
    ]);
  });

  it('come from a file too, under either name, and the environment wins', () => {
    const file = configFile('{"port": 4200, "HOST": "127.0.0.2", "maxUploadBytes": 5}');
    expect(loadConfig({ HOST: '127.0.0.3' }, file)).toMatchObject({
      port: 4200,
      host: '127.0.0.3',
      maxUploadBytes: 5,
    });
  });

  it('switch introspection off, in a file also with false', () => {
    expect(loadConfig({ LOOKALIKE_INTROSPECTION: 'off' }).introspection).toBe(false);
    expect(loadConfig({ LOOKALIKE_INTROSPECTION: 'on' }).introspection).toBe(true);
    expect(loadConfig({}, configFile('{"introspection": false}')).introspection).toBe(false);
  });

  it('are not unset by a null in a file', () => {
    for (const name of ['port', 'publicUrl'])
      expect(() => loadConfig({}, configFile(`{"${name}": null}`))).toThrow(ConfigError);
  });

  it('name a file of trusted documents, which is read', () => {
    const path = configFile('{"5f2a": "{ services { status } }"}');
    expect(loadConfig({ LOOKALIKE_TRUSTED_DOCUMENTS: path }).trustedDocuments).toEqual(
      new Map([['5f2a', '{ services { status } }']]),
    );
  });

  it('refuse a file of trusted documents that is no object of texts', () => {
    for (const content of [
      '',
      '{\n"secret',
      '[]',
      '["{ a }"]',
      '"x"',
      'null',
      '{"a": 1}',
      '{"a": {"b": "{ c }"}}',
    ]) {
      const load = () => loadConfig({ LOOKALIKE_TRUSTED_DOCUMENTS: configFile(content) });
      expect(load).toThrow(ConfigError);
      expect(load).toThrow(/^LOOKALIKE_TRUSTED_DOCUMENTS cannot be read: [^\n]*$/);
    }
  });

  const wrong: [env: Record<string, string>, named: string][] = [
    [{ PORT: 'abc' }, 'PORT'],
    [{ PORT: '65536' }, 'PORT'],
    [{ PORT: '-1' }, 'PORT'],
    [{ PORT: '80.5' }, 'PORT'],
    [{ IMGCACHE_URL: 'imgcache.example' }, 'IMGCACHE_URL'],
    [{ IMGCACHE_URL: 'ftp://user:hush@imgcache.example' }, 'IMGCACHE_URL'],
    [{ VISUALSNOOP_URL: 'http://v.example/api/v1' }, 'VISUALSNOOP_KEYS'],
    [{ VISUALSNOOP_KEYS: 'a:hush' }, 'VISUALSNOOP_KEYS'],
    [{ VISUALSNOOP_URL: 'http://v.example/api/v1', VISUALSNOOP_KEYS: 'a:hush,b' }, 'VISUALSNOOP_KEYS'],
    [{ PUBLIC_URL: 'x' }, 'PUBLIC_URL'],
    [{ LOOKALIKE_MAX_UPLOAD_BYTES: '64MB' }, 'LOOKALIKE_MAX_UPLOAD_BYTES'],
    [{ LOOKALIKE_MAX_UPLOAD_BYTES: '0' }, 'LOOKALIKE_MAX_UPLOAD_BYTES'],
    [{ LOOKALIKE_SERVICE_TIMEOUT_MS: '-5' }, 'LOOKALIKE_SERVICE_TIMEOUT_MS'],
    [{ LOOKALIKE_MAX_COST: '1e6' }, 'LOOKALIKE_MAX_COST'],
    [{ LOOKALIKE_INTROSPECTION: 'false' }, 'LOOKALIKE_INTROSPECTION'],
    [{ LOOKALIKE_TRUSTED_DOCUMENTS: '/nowhere/documents.json' }, 'LOOKALIKE_TRUSTED_DOCUMENTS'],
    [{ DATABASE_URL: 'postgres://user:hush@db.example/x' }, 'DATABASE_URL'],
    [{ LOOKALIKE_API_KEYS: 'read:hush' }, 'LOOKALIKE_API_KEYS'],
    [{ LOOKALIKE_JWT_ISSUER: 'https://issuer.example' }, 'LOOKALIKE_JWT_AUDIENCE'],
    [{ LOOKALIKE_JWT_AUDIENCE: 'lookalike' }, 'LOOKALIKE_JWT_AUDIENCE'],
    [{ LOOKALIKE_JWT_ISSUER: 'issuer.example', LOOKALIKE_JWT_AUDIENCE: 'x' }, 'LOOKALIKE_JWT_ISSUER'],
    [{ LOOKALIKE_CORS_ORIGINS: 'https://a.example/' }, 'LOOKALIKE_CORS_ORIGINS'],
    [{ LOOKALIKE_CORS_ORIGINS: 'https://a.example,*' }, 'LOOKALIKE_CORS_ORIGINS'],
    [{ LOOKALIKE_INSECURE: 'yes' }, 'LOOKALIKE_INSECURE'],
    [{ BLOBS_URL: 's3://bucket/prefix' }, 'BLOBS_URL'],
    [
      {
        DATABASE_URL: 'postgres://user:hush@db.example/x',
        BLOBS_URL: 's3://bucket',
        LOOKALIKE_MAX_UPLOAD_BYTES: String(5 * 2 ** 30 + 1),
      },
      'LOOKALIKE_MAX_UPLOAD_BYTES',
    ],
  ];
  for (const [env, named] of wrong) {
    it(`refuse ${JSON.stringify(env)} in one line that names it and tells no secret`, () => {
      const load = () => loadConfig(env);
      expect(load).toThrow(ConfigError);
      expect(load).toThrow(new RegExp(`^${named} [^\\n]*$`));
      expect(load).not.toThrow(/hush/);
    });
  }

  it('refuse a file that is missing, broken, no object, or has an unknown setting', () => {
    expect(() => loadConfig({}, '/nowhere/settings.json')).toThrow(/^\/nowhere\/settings\.json [^\n]*$/);
    for (const content of ['{', '[]', '"x"', '{"prot": 1}', '{"port": "x"}'])
      expect(() => loadConfig({}, configFile(content))).toThrow(ConfigError);
    expect(() => loadConfig({}, configFile('{"prot": 1}'))).toThrow(/"prot"/);
  });
});
