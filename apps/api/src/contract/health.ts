import { z } from "zod";
import { operation } from "./operation.js";

const tag = "Operations";
const health = z.strictObject({ status: z.enum(["ok", "away"]) }).meta({ id: "Health" });

/** What load balancers, orchestrators and readers ask. */
export const operations = {
  live: operation({
    ...{ id: "live", method: "get", path: "/health/live", tag, access: "anybody" },
    summary: "Whether the process runs; the database is not asked",
    reply: { 200: { description: "It does.", schema: health } },
  }),
  ready: operation({
    ...{ id: "ready", method: "get", path: "/health/ready", tag, access: "anybody" },
    summary: "Whether requests can be served; the database is asked",
    reply: { 200: { description: "They can.", schema: health } },
  }),
  openapi: operation({
    ...{ id: "openapi", method: "get", path: "/openapi.json", tag, access: "anybody" },
    summary: "This document",
    reply: { 200: { description: "OpenAPI 3.1.", schema: z.looseObject({}) } },
  }),
} as const;
