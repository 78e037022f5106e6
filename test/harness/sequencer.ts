import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Of files that take longest: they start processes, servers or browsers. */
const LONG =
  /\/test\/(browser|e2e|faults|front-ends|hostile|many-gateways|powercut|shared-storage)\/|shared-storage\.test|\/packed\.test/;

/** Begins with what takes long, so that no worker is left with it at the end while the others have nothing to do. */
export default class Sequencer extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification) => LONG.test(moduleId);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}
