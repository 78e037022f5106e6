import { LightSignal } from '../../request/light-signal.js';
import type { CallSignal } from '../../services/call-signal.js';
import { ServiceError, type ServiceMode } from '../../services/errors.js';
import type { ImgCacheDialect } from '../../services/imgcache.js';
import type { ServiceProbe } from '../../services/service-probe.js';
import { builder } from './builder.js';
import { callsService } from './calls-service.js';
import { ServiceNameEnum } from './errors.js';

/** How long a service may take to say that it is well. */
const PROBE_TIMEOUT_MS = 3000;

type ServiceStatus = 'UP' | 'DEGRADED' | 'DOWN';

interface ServiceState extends Pick<ServiceProbe, 'name' | 'mode'> {
  status: ServiceStatus;
  latencyMs: number | null;
  message: string | null;
  dialect: ImgCacheDialect | null;
}

const ServiceModeEnum = builder.enumType('ServiceMode', {
  description: 'Where a service runs.',
  values: {
    EMBEDDED: { description: 'In this process.' },
    REMOTE: { description: 'At an address in the settings.' },
  } satisfies Record<ServiceMode, object>,
});

const ServiceStatusEnum = builder.enumType('ServiceStatus', {
  description: 'How a service is.',
  values: {
    UP: { description: 'It answers.' },
    DEGRADED: { description: 'It answers, but not always.' },
    DOWN: { description: 'It does not answer.' },
  } satisfies Record<ServiceStatus, object>,
});

const ServiceDialectEnum = builder.enumType('ServiceDialect', {
  description: 'The protocol that a remote imgcache speaks.',
  values: {
    IMAGES: { description: '/images, as its published client does; a Lookalike speaks it too.' },
    CACHE: { description: '/cache and /browse, with buckets; content hashes are BLAKE3.' },
  } satisfies Record<ImgCacheDialect, object>,
});

const ServiceType = builder.objectRef<ServiceState>('Service').implement({
  description: 'One of the services behind this graph, asked at this moment.',
  fields: (t) => ({
    name: t.expose('name', { type: ServiceNameEnum, description: 'Which service.' }),
    mode: t.expose('mode', { type: ServiceModeEnum, description: 'Where it runs.' }),
    status: t.expose('status', { type: ServiceStatusEnum, description: 'How it is.' }),
    latencyMs: t.exposeFloat('latencyMs', {
      nullable: true,
      description: 'How long its answer took; null when there was none.',
    }),
    message: t.exposeString('message', {
      nullable: true,
      description: 'What is wrong with it, where something is.',
    }),
    dialect: t.expose('dialect', {
      type: ServiceDialectEnum,
      nullable: true,
      description:
        'Which protocol a remote imgcache speaks; null for other services, and before it has answered.',
    }),
  }),
});

builder.queryField('services', (t) =>
  t.field({
    extensions: callsService,
    type: [ServiceType],
    description: 'The services behind this graph, and how they are at this moment.',
    resolve: (_root, _args, { services, scope }) =>
      Promise.all(services.map((service) => probe(service, scope.gone))),
  }),
);

async function probe(service: ServiceProbe, signal: CallSignal): Promise<ServiceState> {
  const { name, mode } = service;
  const dialect = () => service.dialect?.() ?? null;
  const start = performance.now();
  try {
    const timeout = AbortSignal.timeout(PROBE_TIMEOUT_MS);
    await service.health(LightSignal.following([signal, timeout], signal.scope));
  } catch (error) {
    const message = error instanceof ServiceError ? error.message : 'The service does not answer.';
    return { name, mode, status: 'DOWN', latencyMs: null, message, dialect: dialect() };
  }
  const latencyMs = performance.now() - start;
  const { degraded, message } = service.condition();
  return { name, mode, status: degraded ? 'DEGRADED' : 'UP', latencyMs, message, dialect: dialect() };
}
