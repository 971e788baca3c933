import { InvalidInput, type Problem } from "../errors.js";

/** A plain JSON object, as it comes from outside. */
export type Json = Readonly<Record<string, unknown>>;

/**
 * Reads an untrusted object field by field and collects everything that is wrong with it, so that one answer names it
 * all. A reader of a wrong field answers `undefined`, as for an absent one; `finish` throws if anything was wrong.
 */
export class Fields {
  readonly #value: Json;
  readonly #pointer: string;
  readonly #problems: Problem[];
  readonly #known = new Set<string>();

  private constructor(value: Json, pointer: string, problems: Problem[]) {
    this.#value = value;
    this.#pointer = pointer;
    this.#problems = problems;
  }

  static of(input: unknown): Fields {
    const problems: Problem[] = [];
    if (isJsonObject(input)) return new Fields(input, "", problems);
    problems.push({ pointer: "", code: "not_an_object", message: "Must be a JSON object" });
    return new Fields({}, "", problems);
  }

  /** Notes what is wrong with a field, with what a path of names and indexes leads to, or with `[]`, the object itself. */
  problem(path: string | readonly (string | number)[], code: string, message: string): undefined {
    if (this.#problems.length >= MOST_PROBLEMS) return undefined;
    const steps = (typeof path === "string" ? [path] : path).map((step) => `/${pointerStep(String(step))}`);
    this.#problems.push({ pointer: this.#pointer + steps.join(""), code, message });
    return undefined;
  }

  has(name: string): boolean {
    this.#known.add(name);
    return this.#value[name] !== undefined;
  }

  /** The field as it is, whatever it is. */
  raw(name: string): unknown {
    this.#known.add(name);
    return this.#value[name];
  }

  text(name: string, options: { readonly max?: number; readonly required?: boolean } = {}): string | undefined {
    const value = this.raw(name);
    if (value === undefined) return options.required ? this.problem(name, "required", "Is required") : undefined;
    if (typeof value !== "string") return this.problem(name, "not_text", "Must be text");
    const max = options.max ?? 256;
    if (value.length > max) return this.problem(name, "too_long", `Must have at most ${max} characters`);
    if (value.trim() === "") return this.problem(name, "empty", "Must not be empty");
    if (!isCleanText(value)) return this.problem(name, "control_characters", "Must not contain control characters");
    return value;
  }

  integer(name: string, range: { readonly min: number; readonly max: number; readonly required?: boolean }) {
    const value = this.raw(name);
    if (value === undefined) return range.required ? this.problem(name, "required", "Is required") : undefined;
    if (typeof value !== "number" || !Number.isInteger(value) || value < range.min || value > range.max) {
      return this.problem(name, "out_of_range", `Must be a whole number from ${range.min} to ${range.max}`);
    }
    return value;
  }

  choice<T extends string>(name: string, choices: readonly T[]): T | undefined {
    const value = this.raw(name);
    if (value === undefined) return undefined;
    const found = choices.find((choice) => choice === value);
    return found ?? this.problem(name, "not_a_choice", `Must be one of ${choices.join(", ")}`);
  }

  /** The fields of an object that stands in this one; undefined when absent or no object. */
  object(name: string): Fields | undefined {
    const value = this.raw(name);
    if (value === undefined) return undefined;
    if (!isJsonObject(value)) return this.problem(name, "not_an_object", "Must be a JSON object");
    return new Fields(value, `${this.#pointer}/${name}`, this.#problems);
  }

  list(name: string, max: number): readonly unknown[] | undefined {
    const value = this.raw(name);
    if (value === undefined) return undefined;
    if (!Array.isArray(value)) return this.problem(name, "not_a_list", "Must be a list");
    if (value.length > max) return this.problem(name, "too_many", `Must have at most ${max} entries`);
    return value as readonly unknown[];
  }

  /** A typing slip must not silently change what a schedule does: fields that nobody asked for are problems too. */
  refuseUnknown(): void {
    for (const name of Object.keys(this.#value)) {
      if (!this.#known.has(name)) this.problem(name, "unknown_field", "Is not a field here");
    }
  }

  get names(): readonly string[] {
    return Object.keys(this.#value);
  }

  get failed(): boolean {
    return this.#problems.length > 0;
  }

  get problems(): readonly Problem[] {
    return this.#problems;
  }

  finish(): void {
    if (this.failed) throw new InvalidInput(this.#problems);
  }
}

const MOST_PROBLEMS = 50;
const LONGEST_STEP = 64;

/** A name may be megabytes long and anything but text; what is told of it is neither. */
function pointerStep(name: string): string {
  return name.slice(0, LONGEST_STEP).toWellFormed().replaceAll("~", "~0").replaceAll("/", "~1");
}

export function isJsonObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** No control characters, NUL among them, and no half of a surrogate pair: neither survives a database. */
export function isCleanText(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code < 0x20 || code === 0x7f) return false;
  }
  return text.isWellFormed();
}

/** How many bytes a text takes in UTF-8. */
export function utf8Length(text: string): number {
  let length = text.length;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code >= 0x80) length += code >= 0x800 && (code & 0xf800) !== 0xd800 ? 2 : 1;
  }
  return length;
}
