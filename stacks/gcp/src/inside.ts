import { isIPv4 } from "node:net";

/** What is private in every network. */
const PRIVATE = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"] as const;

/** Where those are that may be called on the inside. A name may be anywhere there, an IPv6 address is not. */
export function reachableInside(allow: readonly string[]): readonly string[] {
  const ranges = allow.filter((one) => isIPv4(one.split("/")[0] ?? ""));
  const names = allow.some((one) => !ranges.includes(one) && !one.includes(":"));
  return names ? PRIVATE : ranges.map((one) => (one.includes("/") ? one : `${one}/32`));
}
