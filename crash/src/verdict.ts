const MOST_SHOWN = 10;

/** What was asked of a run, how often, and where the answer was wrong. */
export class Verdict {
  readonly name: string;
  /** R1 to R15 and I1 to I10, as the specification numbers them. */
  readonly promises: string;
  readonly violations: string[] = [];
  checked = 0;
  violated = 0;

  constructor(name: string, promises: string) {
    this.name = name;
    this.promises = promises;
  }

  check(holds: boolean, what: () => string): void {
    this.checked++;
    if (holds) return;
    this.violated++;
    if (this.violations.length < MOST_SHOWN) this.violations.push(what());
  }
}
