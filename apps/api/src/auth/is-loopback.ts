import { BlockList, isIP } from "node:net";

// A BlockList knows the mapped forms of an IPv4 address, in every spelling.
const LOOPBACK = new BlockList();
LOOPBACK.addSubnet("127.0.0.0", 8, "ipv4");
LOOPBACK.addAddress("::1", "ipv6");

/** Whether only this machine reaches the host. Where that is not plain to see, as with `127.1`, the answer is no. */
export function isLoopback(host: string | undefined): boolean {
  if (host === undefined) return false; // a server without a host listens everywhere
  const family = isIP(host);
  if (family === 0) return host.toLowerCase() === "localhost";
  return LOOPBACK.check(host, family === 4 ? "ipv4" : "ipv6");
}
