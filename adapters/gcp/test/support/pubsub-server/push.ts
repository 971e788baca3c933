import type { GivenOut, PushConfig, Subscription } from "./broker.js";

/** Signs the claims of a token as Google does: with a key whose public half the receiver can look up. */
export type Sign = (claims: Readonly<Record<string, unknown>>) => Promise<string>;

/** All others, and silence, have the message come again. */
const ACKNOWLEDGES: ReadonlySet<number> = new Set([102, 200, 201, 202, 204]);
const MOST_UNDER_WAY = 100;

/** Pushes what there is until it is aborted; what is under way by then comes again. */
export async function push(subscription: Subscription, sign: Sign | null, signal: AbortSignal): Promise<void> {
  let underWay = 0;
  let freed = Promise.withResolvers<void>();
  const aborted = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
  while (!signal.aborted) {
    const { pushConfig } = subscription.spec;
    const change = subscription.changed();
    // By whichever push ends next, also one that was begun long ago.
    freed = Promise.withResolvers<void>();
    const pushes = pushConfig?.pushEndpoint !== undefined && pushConfig.pushEndpoint !== "";
    const room = pushes ? MOST_UNDER_WAY - underWay : 0;
    for (let place = 0; place < room; place++) {
      const late = new AbortController();
      const [given] = subscription.take(1, () => late.abort());
      if (given === undefined) break;
      underWay++;
      void pushOne(given, AbortSignal.any([late.signal, signal])).finally(() => {
        underWay--;
        freed.resolve();
      });
    }
    await Promise.race([change, freed.promise, aborted]);
  }

  async function pushOne(given: GivenOut, ended: AbortSignal): Promise<void> {
    if (await accepted(subscription, given, sign, ended)) subscription.acknowledge([given.ackId]);
    else subscription.modify([given.ackId], 0);
  }
}

async function accepted(
  { spec }: Subscription,
  given: GivenOut,
  sign: Sign | null,
  signal: AbortSignal,
): Promise<boolean> {
  const { pushEndpoint = "", oidcToken } = spec.pushConfig ?? {};
  try {
    const token =
      oidcToken === undefined || oidcToken === null ? null : await sign?.(claimsOf(pushEndpoint, oidcToken));
    const { status, body } = await fetch(pushEndpoint, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "user-agent": "CloudPubSub-Google",
        ...(token !== null && token !== undefined && { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify(envelopeOf(spec.name, given)),
      redirect: "manual",
      signal,
    });
    await body?.cancel();
    return ACKNOWLEDGES.has(status);
  } catch {
    return false; // nobody there, or the deadline has passed
  }
}

/** As Pub/Sub wraps a message, each name in both of its spellings. */
function envelopeOf(subscription: string, { message, deliveryAttempt }: GivenOut): object {
  const { data, attributes, messageId, orderingKey } = message;
  const publishTime = message.publishTime.toISOString();
  return {
    ...(deliveryAttempt > 0 && { deliveryAttempt }),
    message: {
      ...(Object.keys(attributes).length > 0 && { attributes }),
      ...(data.length > 0 && { data: data.toString("base64") }),
      ...{ messageId, message_id: messageId, publishTime, publish_time: publishTime },
      ...(orderingKey !== "" && { orderingKey }),
    },
    subscription,
  };
}

function claimsOf(endpoint: string, { serviceAccountEmail, audience }: NonNullable<PushConfig["oidcToken"]>) {
  const now = Math.floor(Date.now() / 1_000);
  return {
    iss: "https://accounts.google.com",
    aud: audience === undefined || audience === "" ? endpoint : audience,
    ...{ azp: "113774264463038321964", sub: "113774264463038321964" },
    ...{ email: serviceAccountEmail, email_verified: true, iat: now, exp: now + 3_600 },
  };
}
