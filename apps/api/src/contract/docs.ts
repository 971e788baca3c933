import { z } from "zod";
import { operation } from "./operation.js";

const tag = "Operations";

/** What a reader opens in a browser. */
export const docs = {
  page: operation({
    ...{ id: "docs", method: "get", path: "/docs", tag, access: "anybody" },
    summary: "This document as a page to read and to try",
    reply: { 200: { description: "The page.", schema: z.string(), type: "text/html" } },
  }),
  file: operation({
    ...{ id: "docsFile", method: "get", path: "/docs/{file}", tag, access: "anybody" },
    summary: "What that page is made of",
    params: z.strictObject({ file: z.enum(["swagger-ui.css", "swagger-ui-bundle.js", "start.js"]) }),
    reply: { 200: { description: "A style sheet or a script.", schema: z.string(), type: "*/*" } },
    refusals: [404],
  }),
} as const;
