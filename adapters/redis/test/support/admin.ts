import { createClient } from "@redis/client";

export type Admin = Awaited<ReturnType<typeof adminOf>>;

/** Who looks into Redis from outside. */
export async function adminOf(url: string) {
  const client = createClient({ url, RESP: 2 });
  client.on("error", () => undefined); // the server may go before it
  return client.connect();
}
