/** An object with the methods of another one, to be spread and changed. */
export function bound<T extends object>(target: T): T {
  const prototype: unknown = Object.getPrototypeOf(target);
  if (prototype === Object.prototype) return target;
  const names = Object.getOwnPropertyNames(prototype).filter((name) => name !== "constructor");
  const methods = target as Record<string, (...args: unknown[]) => unknown>;
  return Object.fromEntries(names.map((name) => [name, methods[name]?.bind(target)])) as T;
}
