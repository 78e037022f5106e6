import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace';

/** As OTEL_TRACES_SAMPLER names them: one for all spans, or for those without a parent elsewhere. */
export type SamplerName = RootSamplerName | `parentbased_${RootSamplerName}`;

type RootSamplerName = 'always_on' | 'always_off' | 'traceidratio';

/** @param ratio from 0 to 1 */
export function createSampler(name: SamplerName, ratio: number): Sampler {
  const root = name.replace('parentbased_', '') as RootSamplerName; // What is left of a SamplerName.
  const sampler = {
    always_on: () => new AlwaysOnSampler(),
    always_off: () => new AlwaysOffSampler(),
    traceidratio: () => new TraceIdRatioBasedSampler(ratio),
  }[root]();
  return root === name ? sampler : new ParentBasedSampler({ root: sampler });
}
