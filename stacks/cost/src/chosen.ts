import type { Reading } from "@punctual/stack-blueprint";
import type { Variant } from "@punctual/stack-testkit/plan";

/** What is to be estimated: a stack as it is, or one of its variants. */
export interface Choice {
  readonly stack: string;
  readonly variant: Variant | undefined;
}

export interface Asked {
  /** Stacks; none is all of them. */
  readonly named: readonly string[];
  /** One alone. */
  readonly variant?: string | undefined;
  /** All of them, beside the stacks themselves. */
  readonly variants?: boolean | undefined;
}

export interface There {
  readonly stacks: readonly string[];
  readonly variants: readonly Variant[];
}

/** Stack by stack, or what of it is not there. */
export function chosen({ named, variant, variants = false }: Asked, there: There): Reading<readonly Choice[]> {
  const unknown = named.filter((stack) => !there.stacks.includes(stack));
  const found = there.variants.find(({ name }) => name === variant);
  const wrong = [
    ...unknown.map((stack) => `There is no stack ${stack}; there are ${there.stacks.join(", ")}`),
    ...(variant !== undefined && found === undefined
      ? [`There is no variant ${variant}; there are ${there.variants.map(({ name }) => name).join(", ")}`]
      : []),
  ];
  if (wrong.length > 0) return { wrong };
  const wanted = found !== undefined ? [found] : [undefined, ...(variants ? there.variants : [])];
  const stacks = named.length > 0 ? named : there.stacks;
  return { ok: stacks.flatMap((stack) => wanted.map((one) => ({ stack, variant: one }))) };
}
