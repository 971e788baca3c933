/** What the parent gave to this process when it started it. */
export function ordersOf<T>(): T {
  return JSON.parse(process.argv[2] ?? "{}") as T;
}
