import { type Dispatcher, request } from "undici";

// As many headers as ours sends, and as long; only the id is made anew for each, as nothing here is signed or traced.
const HEADERS = [
  ...["content-type", "application/json", "user-agent", "Punctual/0.0.0 (+webhooks)", "accept-encoding", "identity"],
  ...["webhook-timestamp", "1767225600", "webhook-signature", `v1,${"A".repeat(43)}=`],
  ...["traceparent", `00-${"a".repeat(32)}-${"b".repeat(16)}-01`],
  ...["punctual-attempt", "1", "punctual-due", "2026-01-01T00:00:00.000Z"],
];

/** One request of the kind that ours sends, by undici and nothing else; throws unless it is answered by a 200. */
export async function post(url: string, id: string, dispatcher: Dispatcher): Promise<void> {
  const { statusCode, body } = await request(url, {
    dispatcher,
    method: "POST",
    headers: [...HEADERS, "webhook-id", id, "idempotency-key", id],
    body: `{"type":"birthday.greeting","timestamp":"2026-01-01T00:00:00.000Z","data":{"message" : "hello world", "id" : "${id}"}}`,
  });
  await body.text();
  if (statusCode !== 200) throw new Error(`The sink answered ${statusCode}`);
}
