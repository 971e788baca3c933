/** One resource as a program registered it. */
export interface Planned {
  readonly urn: string;
  /** As Pulumi writes it: `aws:sqs/queue:Queue`. */
  readonly type: string;
  readonly name: string;
  /** Whether a provider makes it; a component is only a parent. */
  readonly custom: boolean;
  /** The URN of its parent; the stack itself has none. */
  readonly parent: string | undefined;
  /** What it was given, secrets in clear and what is not known yet as `UNKNOWN`. */
  readonly inputs: Readonly<Record<string, unknown>>;
  /** The inputs that are secret, or hold something that is. */
  readonly secrets: readonly string[];
  /** Where in these just that is, as the names and places that lead to it; where it is not said, they are secret whole. */
  readonly secretParts?: readonly (readonly string[])[];
  readonly dependencies: readonly string[];
  /** The URNs that each input was made of. */
  readonly propertyDependencies: Readonly<Record<string, readonly string[]>>;
  readonly provider: string | undefined;
  readonly protect: boolean;
  readonly retainOnDelete: boolean;
  readonly ignoreChanges: readonly string[];
}

/** What will be known when it is made. */
export const UNKNOWN = "[unknown]";

/** What is nobody's business. */
export const SECRET = "[secret]";

/** Everything that a program registered, and what it told the world. */
export class Graph {
  readonly resources: readonly Planned[];
  readonly outputs: Readonly<Record<string, unknown>>;
  /** Outputs that are secret, or hold something that is. */
  readonly secretOutputs: readonly string[];
  readonly #byUrn: ReadonlyMap<string, Planned>;

  constructor(
    resources: readonly Planned[],
    outputs: Readonly<Record<string, unknown>> = {},
    secretOutputs: readonly string[] = [],
  ) {
    // They register in no fixed order.
    this.resources = resources.toSorted((a, b) => (a.urn < b.urn ? -1 : 1));
    this.outputs = outputs;
    this.secretOutputs = secretOutputs;
    this.#byUrn = new Map(resources.map((one) => [one.urn, one]));
  }

  all(type: string): readonly Planned[] {
    return this.resources.filter((one) => one.type === type);
  }

  /** The only one of its type, or of its type and name. */
  one(type: string, name?: string): Planned {
    const found = this.all(type).filter((one) => name === undefined || one.name === name);
    const [first] = found;
    if (first !== undefined && found.length === 1) return first;
    const there = this.all(type).map((one) => one.name);
    throw new RangeError(
      `${String(found.length)} of ${type} ${name ?? ""} were found; there are ${there.join() || "none"}`,
    );
  }

  at(urn: string): Planned | undefined {
    return this.#byUrn.get(urn);
  }

  childrenOf(urn: string): readonly Planned[] {
    return this.resources.filter((one) => one.parent === urn);
  }

  /** From the nearest to the stack. */
  ancestorsOf(one: Planned): readonly Planned[] {
    const parent = one.parent === undefined ? undefined : this.at(one.parent);
    return parent === undefined ? [] : [parent, ...this.ancestorsOf(parent)];
  }

  /** What one of its inputs was made of. */
  sourcesOf(one: Planned, input: string): readonly Planned[] {
    return (one.propertyDependencies[input] ?? []).flatMap((urn) => this.at(urn) ?? []);
  }

  /** Whether the first is made after the second, however many lie between. */
  dependsOn(one: Planned, other: Planned): boolean {
    const seen = new Set<string>();
    const reaches = (urn: string): boolean => {
      if (urn === other.urn) return true;
      if (seen.has(urn)) return false;
      seen.add(urn);
      return (this.at(urn)?.dependencies ?? []).some(reaches);
    };
    return one.dependencies.some(reaches);
  }

  /** How many there are of each type, in the order of their names. */
  types(): Readonly<Record<string, number>> {
    const counted: Record<string, number> = {};
    for (const { type } of this.resources.toSorted((a, b) => (a.type < b.type ? -1 : 1))) {
      counted[type] = (counted[type] ?? 0) + 1;
    }
    return counted;
  }

  /** The same, but for one resource whose inputs were changed: for those who show that a rule finds it. */
  with(urn: string, change: (one: Planned) => Partial<Planned>): Graph {
    const resources = this.resources.map((one) => (one.urn === urn ? { ...one, ...change(one) } : one));
    return new Graph(resources, this.outputs, this.secretOutputs);
  }
}
