import { PassThroughClient } from "google-auth-library";

/** What a client of Google is made with to ask an emulator: by HTTP and JSON, and without credentials. Null is Google itself. */
export function atEndpoint(endpoint: string | null) {
  if (endpoint === null) return {};
  const { protocol, hostname, port } = new URL(endpoint);
  return {
    ...{ fallback: true, protocol: protocol.slice(0, -1), authClient: new PassThroughClient() },
    ...{ servicePath: hostname, port: Number(port || (protocol === "https:" ? 443 : 80)) },
  };
}
