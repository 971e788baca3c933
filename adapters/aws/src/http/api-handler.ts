import { configure } from "@codegenie/serverless-express";
import { NO_TELEMETRY, type Telemetry } from "@punctual/core";
import type { Context } from "aws-lambda";
import type { IncomingMessage, ServerResponse } from "node:http";
import { type GatewayEvent, requestOf } from "./gateway-request.js";
import { type Answer, type GatewayResult, isBytes, resultOf } from "./gateway-result.js";

/** What answers requests of node:http, such as the callback of a Koa app. */
export type RequestCallback = (request: IncomingMessage, response: ServerResponse) => unknown;

export interface ApiHandlerOptions {
  /** The base path, as `/punctual`, by which a domain of one's own leads to this API; left out, there is none. */
  readonly basePath?: string;
  /** Told of what went wrong and was answered with 500. */
  readonly telemetry?: Telemetry;
}

export type ApiHandler = (event: GatewayEvent, context: Context) => Promise<GatewayResult>;

const SILENT = () => undefined;
const NO_LOG = { info: SILENT, debug: SILENT, error: SILENT, warn: SILENT, verbose: SILENT };

/**
 * A function behind API Gateway that answers as the callback does on a server. An answer goes as a whole, when it is at its end:
 * one that has no end, as a stream of events, is never given. A REST API must have `binaryMediaTypes` for answers in Base64.
 */
export function apiHandler(callback: RequestCallback, options: ApiHandlerOptions = {}): ApiHandler {
  const { basePath = "", telemetry = NO_TELEMETRY } = options;
  const proxy = configure<GatewayEvent, GatewayResult>({
    app: SILENT, // it is asked by the framework below
    log: NO_LOG, // it would write out what it failed for, with all that a caller has sent
    framework: {
      // It waits for what this gives, though its types do not say so.
      sendRequest: ({ request, response }: { request: IncomingMessage; response: ServerResponse }): unknown =>
        answered(callback, request, response),
    },
    eventSource: {
      getRequest: ({ event }: { event: GatewayEvent }) => requestOf(event, basePath),
      getResponse: ({ event, ...answer }: Answer & { event: GatewayEvent }) => resultOf(event, answer),
    },
    // For a source that it does not know it rejects, where it would answer 500 with nothing.
    eventSourceName: "PUNCTUAL",
    binarySettings: { isBinary: isBytes },
  });
  return async (event, context) => {
    // Not from API Gateway: there is nobody to tell of it by HTTP.
    if (typeof event.requestContext !== "object") throw new TypeError("The event is no request of API Gateway");
    try {
      return (await proxy(event, context, SILENT)) as GatewayResult;
    } catch (error) {
      const { requestId } = event.requestContext;
      telemetry.note({ kind: "trouble", where: "api", error, requestId });
      return resultOf(event, problem(requestId));
    }
  };
}

/** Until the answer is whole. Its connection is none, so that it is given up would be noticed by nobody. */
function answered(callback: RequestCallback, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  response.once("finish", resolve);
  response.once("error", reject);
  const { socket } = response;
  if (socket !== null) {
    socket.destroy = (error) => {
      reject(error ?? new Error("The answer was given up"));
      return socket;
    };
  }
  const ask = async () => callback(request, response);
  ask().catch(reject);
  // As a server does: whoever has something to clean up waits for it.
  return promise.finally(() => response.emit("close"));
}

function problem(requestId: string): Answer {
  const body = JSON.stringify({
    ...{ type: "about:blank#internal", title: "Internal Server Error", status: 500, code: "internal" },
    detail: "Something went wrong here",
    requestId,
  });
  const headers = { "content-type": "application/problem+json", "cache-control": "no-store" };
  return { statusCode: 500, headers, body, isBase64Encoded: false };
}
