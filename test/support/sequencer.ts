import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that mostly wait, for a minute or more: what begins with them ends sooner. */
const LONGEST = 'test/integration/faults.test.ts';

export default class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const longest = (file: TestSpecification): boolean => file.moduleId.endsWith(LONGEST);
    return [...sorted.filter(longest), ...sorted.filter((file) => !longest(file))];
  }
}
