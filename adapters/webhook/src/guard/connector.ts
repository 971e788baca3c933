import { once } from "node:events";
import net, { type Socket } from "node:net";
import tls from "node:tls";
import type { buildConnector } from "undici";
import { DialError, type DialStage, Refused } from "./errors.js";
import type { Guard } from "./guard.js";
import { bareName } from "./host-name.js";
import { objectionOf } from "./objection.js";
import type { ResolvedAddress } from "./resolve.js";
import { within } from "./within.js";

export interface ConnectorOptions {
  readonly guard: Pick<Guard, "addressesFor" | "ruleAgainst">;
  /** For look-up, connection and TLS together. */
  readonly connectTimeoutMs: number;
  /** `ca`: certificates in PEM that are trusted besides those that Node trusts. */
  readonly tls?: { readonly ca?: string | readonly string[] };
}

export interface DialTimings {
  readonly dnsMs: number;
  readonly connectMs: number;
  /** Null without TLS. */
  readonly tlsMs: number | null;
}

const timings = new WeakMap<Socket, DialTimings>();

/** What it took to make this connection. */
export function timingsOf(socket: Socket): DialTimings | undefined {
  return timings.get(socket);
}

/**
 * Makes undici's connections, to judged addresses only. undici's own `blockList` guards http and not https, and a
 * `lookup` of one's own is not asked about literal addresses.
 *   C1. the guard gives the addresses, and the socket gets no others: nothing is looked up a second time;
 *   C2. the address that was reached is judged again before a byte is sent;
 *   C3. TLS is verified whatever the environment says, against the host of the URL: a `Host` header changes nothing;
 *   C4. whatever fails, the socket is destroyed and the error is a `Refused` or a `DialError`.
 */
export function guardedConnector(options: ConnectorOptions): buildConnector.connector {
  const { ca } = options.tls ?? {};
  // One for all connections: with several authorities it takes milliseconds to make.
  const context = tls.createSecureContext({
    minVersion: "TLSv1.2",
    ...(ca === undefined ? {} : { ca: tls.getCACertificates().concat(ca) }),
  });
  return (target, callback) => {
    dial(target, options, context).then(
      (socket) => callback(null, socket),
      (error: Error) => callback(error, null),
    );
  };
}

async function dial(
  target: buildConnector.Options,
  { guard, connectTimeoutMs }: ConnectorOptions,
  context: tls.SecureContext,
): Promise<Socket> {
  const host = target.hostname;
  const late = AbortSignal.timeout(connectTimeoutMs);
  const lap = stopwatch();
  let stage: DialStage = "dns";
  let socket: Socket | undefined;
  try {
    const addresses = await within(late, guard.addressesFor(host));
    const dnsMs = lap();

    stage = "connect";
    socket = connectTo(addresses, portOf(target), connectTimeoutMs);
    await once(socket, "connect", { signal: late });
    judge(guard, host, socket);
    const connectMs = lap();
    if (target.protocol !== "https:") return timed(socket, { dnsMs, connectMs, tlsMs: null });

    stage = "tls";
    socket = secure(socket, bareName(host), context);
    await once(socket, "secureConnect", { signal: late });
    return timed(socket, { dnsMs, connectMs, tlsMs: lap() });
  } catch (error) {
    socket?.destroy(); // (C4)
    const code = late.aborted ? "ETIMEDOUT" : codeOf(error);
    // What has no code is no failure of the network: a `Refused`, or a bug.
    throw code === undefined ? error : new DialError(stage, code, error);
  }
}

/** Of several addresses the first that answers is taken. */
function connectTo(addresses: readonly ResolvedAddress[], port: number, timeoutMs: number): Socket {
  const socket = net.connect({
    host: "judged.invalid", // A name, so that `lookup` is asked; it stands for the addresses that it is given. (C1)
    port,
    lookup: (_host, _options, found) => found(null, [...addresses]),
    autoSelectFamily: true,
    // Node would give up on each but the last after 250 ms, which a receiver on the other side of the world may need.
    autoSelectFamilyAttemptTimeout: Math.ceil(timeoutMs / addresses.length),
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: 60_000,
  });
  return heard(socket);
}

/** (C2) */
function judge(guard: ConnectorOptions["guard"], host: string, { remoteAddress }: Socket): void {
  // The other side has reset it already: there is nobody left to ask about.
  if (remoteAddress === undefined) throw Object.assign(new Error("The connection was reset"), { code: "ECONNRESET" });
  const rule = guard.ruleAgainst(host, remoteAddress);
  if (rule !== null) throw new Refused(objectionOf(rule, host));
}

/**
 * A whole handshake each time. A session that is taken up again is not asked for its certificate: what has expired since, or
 * is no longer trusted, would go unseen.
 */
function secure(socket: Socket, host: string, context: tls.SecureContext): Socket {
  const secured = tls.connect({
    socket,
    host,
    servername: net.isIP(host) ? "" : host,
    secureContext: context,
    rejectUnauthorized: true, // (C3)
    ALPNProtocols: ["http/1.1"],
  });
  return heard(secured);
}

/** Between two of our own waits, and until undici listens, an error that nobody hears would end the process. */
function heard(socket: Socket): Socket {
  return socket.on("error", () => undefined);
}

function timed(socket: Socket, its: DialTimings): Socket {
  timings.set(socket, its);
  return socket;
}

function portOf({ port, protocol }: buildConnector.Options): number {
  return Number(port) || (protocol === "https:" ? 443 : 80);
}

function stopwatch(): () => number {
  let last = performance.now();
  return () => {
    const before = last;
    last = performance.now();
    return last - before;
  };
}

function codeOf(error: unknown): string | undefined {
  const code: unknown = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : undefined;
}
