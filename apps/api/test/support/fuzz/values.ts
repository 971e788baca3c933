import type { Chance } from "./chance.js";
import type { Document, Schema } from "./document.js";
import { EXTREME, GOOD, type Words } from "./words.js";

export interface ValuesOptions {
  readonly document: Document;
  readonly chance: Chance;
  /** Words for things that are there now, before all others. */
  readonly known: Words;
  /** In how many of a hundred fields something extreme stands. */
  readonly extreme: number;
}

/** Values that JSON Schemas let pass. */
export class Values {
  readonly #options: ValuesOptions;

  constructor(options: ValuesOptions) {
    this.#options = options;
  }

  of(schema: Schema, name: string): unknown {
    const { chance, extreme } = this.#options;
    const reference = schema.$ref?.split("/").at(-1);
    if (schema.enum !== undefined) return chance.one(schema.enum);
    if (chance.often(extreme)) {
      const odd = EXTREME[name] ?? EXTREME[reference ?? ""];
      if (odd !== undefined) return odd(chance);
    }
    const word = this.#options.known[name] ?? GOOD[name] ?? GOOD[reference ?? ""];
    if (word !== undefined && takesWords(schema)) return word(chance);
    return this.#made(this.resolved(schema), name);
  }

  resolved(schema: Schema): Schema {
    const name = schema.$ref?.split("/").at(-1);
    const found = name === undefined ? schema : this.#options.document.components.schemas[name];
    if (found === undefined) throw new Error(`No schema is called ${name}`);
    return found;
  }

  #made(schema: Schema, name: string): unknown {
    const { chance } = this.#options;
    const forms = schema.anyOf ?? schema.oneOf;
    if (forms !== undefined) return this.of(chance.one(forms), name);
    if (schema.enum !== undefined) return chance.one(schema.enum);
    if (schema.const !== undefined) return schema.const;
    const makers: Readonly<Record<string, () => unknown>> = {
      object: () => this.#object(schema),
      array: () => this.#array(schema, name),
      integer: () => this.#number(schema),
      number: () => this.#number(schema),
      boolean: () => chance.often(50),
      null: () => null,
      string: () => (schema.examples === undefined ? this.#text(schema) : chance.one(schema.examples)),
    };
    const make = makers[schema.type ?? ""];
    return make === undefined ? chance.one([{}, [], 1, "x", null]) : make();
  }

  #array({ items = {}, maxItems = 4 }: Schema, name: string): unknown {
    const { chance } = this.#options;
    return chance.list(chance.whole(0, Math.min(4, maxItems)), () => this.of(items, name));
  }

  #object({ properties = {}, required = [], additionalProperties }: Schema): unknown {
    const { chance } = this.#options;
    const names = Object.keys(properties);
    const chosen = names.filter((name) => required.includes(name) || chance.often(25));
    const fields = chosen.map((name) => [name, this.of(properties[name] ?? {}, name)] as const);
    if (typeof additionalProperties !== "object") return Object.fromEntries(fields);
    const more = chance.list(chance.whole(0, 2), () => `x-${chance.whole(1, 9)}`);
    return Object.fromEntries([...fields, ...more.map((name) => [name, this.of(additionalProperties, name)] as const)]);
  }

  #number({ type, minimum = -1_000_000, maximum = 1_000_000 }: Schema): number {
    const { chance } = this.#options;
    const near = Math.min(maximum, minimum + 100);
    const drawn = chance.one([minimum, maximum, chance.whole(minimum, near), chance.whole(minimum, maximum)]);
    return type === "integer" ? Math.round(drawn) : drawn;
  }

  #text({ minLength = 0, maxLength = 64 }: Schema): string {
    const { chance } = this.#options;
    const letters = [..."abcXYZ 0189.-_éß漢🙂"];
    const length = chance.one([minLength, Math.min(maxLength, 64), chance.whole(minLength, Math.min(maxLength, 32))]);
    return chance
      .list(length, () => chance.one(letters))
      .join("")
      .slice(0, maxLength)
      .toWellFormed();
  }
}

/** Where null is a choice it is drawn among the others. */
function takesWords({ type, anyOf = [] }: Schema): boolean {
  return type !== "null" && anyOf.every((one) => one.type !== "null");
}
