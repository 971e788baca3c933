import { z } from "zod";
import { operation } from "./operation.js";
import { user, userInput, userPatch } from "./user.js";
import { cursor, limit, pageOf } from "./words.js";

const tag = "Users";
const desk = ["admin", "service"] as const;
const everybody = ["admin", "service", "user"] as const;
const params = z.strictObject({ id: z.string() });
const one = { description: "The user.", schema: user, headers: ["etag"] } as const;
const made = { description: "The user was made.", schema: user, headers: ["etag", "location"] } as const;

/** What is done to users over HTTP. */
export const users = {
  create: operation({
    ...{ id: "createUser", method: "post", path: "/v1/users", tag, access: desk },
    summary: "Make a user, with the birthday schedule and its first event",
    body: userInput,
    idempotent: true,
    reply: { 201: made },
    refusals: [409],
  }),
  list: operation({
    ...{ id: "listUsers", method: "get", path: "/v1/users", tag, access: desk },
    summary: "List users",
    query: z.strictObject({ limit, cursor: cursor.optional() }),
    reply: { 200: { description: "A page of users.", schema: pageOf(user) } },
  }),
  get: operation({
    ...{ id: "getUser", method: "get", path: "/v1/users/{id}", tag, access: everybody },
    summary: "Read a user",
    params,
    reply: { 200: one },
    refusals: [404],
  }),
  change: operation({
    ...{ id: "changeUser", method: "patch", path: "/v1/users/{id}", tag, access: everybody },
    summary: "Change a user; date and zone move the birthday, a name is in the next greeting",
    params,
    body: userPatch,
    ifMatch: true,
    reply: { 200: one },
    refusals: [404, 412],
  }),
  remove: operation({
    ...{ id: "deleteUser", method: "delete", path: "/v1/users/{id}", tag, access: everybody },
    summary: "Remove a user: nobody who is gone is greeted",
    params,
    ifMatch: true,
    reply: { 204: { description: "Gone." } },
    refusals: [404, 412],
  }),
} as const;

/** The four routes of before, which know no revisions. */
export const originalUsers = {
  create: operation({
    ...{ id: "postUser", method: "post", path: "/user", tag, access: desk },
    summary: "Make a user",
    body: userInput,
    idempotent: true,
    reply: { 201: made },
    refusals: [409],
  }),
  get: operation({
    ...{ id: "getUserOriginal", method: "get", path: "/user/{id}", tag, access: everybody },
    summary: "Read a user",
    params,
    reply: { 200: one },
    refusals: [404],
  }),
  put: operation({
    ...{ id: "putUser", method: "put", path: "/user/{id}", tag, access: everybody },
    summary: "Change a user; what is left out stays",
    params,
    body: userPatch,
    reply: { 200: one },
    refusals: [404],
  }),
  remove: operation({
    ...{ id: "deleteUserOriginal", method: "delete", path: "/user/{id}", tag, access: everybody },
    summary: "Remove a user",
    params,
    reply: { 204: { description: "Gone." } },
    refusals: [404],
  }),
} as const;
