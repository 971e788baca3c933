/** Names that clouds and people see. Each kind of thing has its own longest; a name that is too long is refused, not cut. */
export interface Names {
  /** The whole installation: `punctual-dev`. */
  readonly prefix: string;
  /** `punctual-dev-worker`. */
  of(part: string, longest?: number): string;
}

/** The shortest of the limits: load balancers and their groups of targets. */
const SHORTEST = 32;

export function namesOf(project: string, environment: string): Names {
  const prefix = `${project}-${environment}`;
  return {
    prefix,
    of: (part, longest = SHORTEST) => {
      const name = `${prefix}-${part}`;
      if (name.length > longest)
        throw new RangeError(`${name} has ${String(name.length)} letters, and may have ${String(longest)}`);
      return name;
    },
  };
}
