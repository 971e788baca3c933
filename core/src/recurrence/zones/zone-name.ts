// ASCII alone: lower-casing would turn the Kelvin sign into a k.
const SHAPE = /^[a-z][a-z0-9_+-]*(?:\/[a-z0-9_+-]+)*$/i;
const NO_PLACES: ReadonlySet<string> = new Set(["local", "system", "default"]);
const LONGEST = 64;

/** Whether the IANA could have given this name; bare offsets, POSIX rules and words for "here" it could not. */
export function couldBeZone(name: string): boolean {
  return name.length <= LONGEST && SHAPE.test(name) && !NO_PLACES.has(name.toLowerCase());
}
