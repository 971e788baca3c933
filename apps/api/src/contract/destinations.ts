import { z } from "zod";
import { destination, destinationPatch, newDestination } from "./destination.js";
import { operation } from "./operation.js";
import { cursor, duration, limit, note, pageOf } from "./words.js";

const tag = "Destinations";
const desk = ["admin", "service"] as const;
const admins = ["admin"] as const;
const params = z.strictObject({ id: z.string() });
const one = { description: "The destination.", schema: destination, headers: ["etag"] } as const;
const noted = z.strictObject({ note: note.optional() }).meta({ id: "DestinationNote", examples: [{ note: "moved" }] });
const withSecret = z
  .strictObject({ ...destination.shape, secret: z.string().optional().describe("Told this once only.") })
  .meta({ id: "DestinationWithSecret" });

/** What is done to destinations over HTTP. */
export const destinations = {
  create: operation({
    ...{ id: "createDestination", method: "post", path: "/v1/destinations", tag, access: desk },
    summary: "Make a destination; its secret is told this once",
    body: newDestination,
    idempotent: true,
    reply: { 201: { description: "It was made.", schema: withSecret, headers: ["etag", "location"] } },
  }),
  list: operation({
    ...{ id: "listDestinations", method: "get", path: "/v1/destinations", tag, access: desk },
    summary: "List destinations",
    query: z.strictObject({ limit, cursor: cursor.optional() }),
    reply: { 200: { description: "A page of destinations.", schema: pageOf(destination) } },
  }),
  get: operation({
    ...{ id: "getDestination", method: "get", path: "/v1/destinations/{id}", tag, access: desk },
    summary: "Read a destination",
    params,
    reply: { 200: one },
    refusals: [404],
  }),
  change: operation({
    ...{ id: "changeDestination", method: "patch", path: "/v1/destinations/{id}", tag, access: desk },
    summary: "Change where events go; it holds for every request that starts afterwards",
    params,
    body: destinationPatch,
    ifMatch: true,
    reply: { 200: one },
    refusals: [404, 412],
  }),
  remove: operation({
    ...{ id: "deleteDestination", method: "delete", path: "/v1/destinations/{id}", tag, access: desk },
    summary: "Remove a destination that no schedule uses",
    params,
    ifMatch: true,
    reply: { 204: { description: "It is gone." } },
    refusals: [404, 409, 412],
  }),
  enable: operation({
    ...{ id: "enableDestination", method: "post", path: "/v1/destinations/{id}/enable", tag, access: desk },
    summary: "Open it again",
    params,
    body: noted,
    bodyOptional: true,
    reply: { 200: one },
    refusals: [404],
  }),
  disable: operation({
    ...{ id: "disableDestination", method: "post", path: "/v1/destinations/{id}/disable", tag, access: desk },
    summary: "Close it: what is due for it fails at once, and can be redriven",
    params,
    body: noted,
    bodyOptional: true,
    reply: { 200: one },
    refusals: [404],
  }),
  rotateSecret: operation({
    ...{ id: "rotateSecret", method: "post", path: "/v1/destinations/{id}/rotate-secret", tag, access: admins },
    summary: "Give it a new secret; the one before signs beside it for a while",
    params,
    body: z
      .strictObject({
        overlap: duration.optional().describe("From PT0S to P7D; a day, if left out."),
        secret: z.string().max(256).optional(),
      })
      .meta({ id: "Rotation", examples: [{ overlap: "P1D" }] }),
    bodyOptional: true,
    reply: { 200: { description: "The destination with its new secret.", schema: withSecret, headers: ["etag"] } },
    refusals: [404, 409],
  }),
  test: operation({
    ...{ id: "testDestination", method: "post", path: "/v1/destinations/{id}/test", tag, access: desk },
    summary: "Send it one signed request of the type `punctual.test`",
    params,
    reply: {
      200: {
        description: "How it answered.",
        schema: z
          .strictObject({
            requestId: z.string(),
            status: z.int().optional(),
            error: z.string().optional(),
            detail: z.string().optional(),
            durationMs: z.number(),
            responseExcerpt: z.string().optional(),
          })
          .meta({ id: "TestReport" }),
      },
    },
    refusals: [404],
  }),
} as const;
