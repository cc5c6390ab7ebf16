import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that mostly wait, for minutes, and more of them on a slow machine: what begins with them ends sooner. */
const LONGEST = ['faults', 'replay', 'admission'].map((name) => `test/integration/${name}.test.ts`);

export default class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const place = ({ moduleId }: TestSpecification): number => {
      const at = LONGEST.findIndex((longest) => moduleId.endsWith(longest));
      return at < 0 ? LONGEST.length : at;
    };
    return sorted.toSorted((a, b) => place(a) - place(b));
  }
}
