import { schedules } from "@punctual/api/contract";
import { once } from "node:events";
import type { ClientRequest, IncomingMessage } from "node:http";
import { createInterface } from "node:readline";
import { pipeline } from "node:stream/promises";
import type { ApiClient } from "../api/client.js";
import type { AnswerOf } from "../api/read-answer.js";
import { EXIT } from "../exit-codes.js";
import { Failure } from "../failure.js";
import type { Source } from "../input.js";
import type { Meter } from "./meter.js";
import type { RefusedLine } from "./report.js";

export type Summary = Extract<AnswerOf<(typeof schedules)["import"]>, { kind: "done" }>;

export interface SendOptions {
  readonly source: Source;
  readonly meter: Meter;
  readonly signal: AbortSignal;
  readonly onRefused: (refused: RefusedLine) => Promise<void>;
  /** More has been taken. */
  readonly onPassed: () => void;
}

/**
 * Sends the lines as fast as the API takes them, and reads its answer at the same time: neither side has to keep more
 * than a few of them, however many there are.
 */
export async function sendLines(client: ApiClient, options: SendOptions): Promise<Summary> {
  const { source, meter, signal, onPassed } = options;
  const headers = { "content-type": "application/x-ndjson" };
  const request = client.open(schedules.import, { headers }, () => meter.hungry);
  const answered = answerTo(request, client, options);
  const sent = pipeline(source.stream, (chunks: AsyncIterable<Buffer>) => meter.through(chunks, onPassed), request, {
    signal,
  });
  // An answer counts more than the connection that broke behind it: the API may refuse before it has read everything.
  sent.catch(() => undefined);
  try {
    return await answered;
  } catch (error) {
    if (signal.aborted) throw new Failure(EXIT.interrupted, `interrupted at line ${meter.lines} or before`, [AGAIN]);
    throw client.failureOf(error);
  } finally {
    request.destroy();
    source.stream.destroy();
  }
}

async function answerTo(request: ClientRequest, client: ApiClient, options: SendOptions): Promise<Summary> {
  const [response] = (await once(request, "response")) as [IncomingMessage];
  if (response.statusCode !== 200) await client.read(response);
  let dealtWith = 0;
  // Behind the last line nobody listens any more, and a connection that breaks there would end the process.
  const answer = createInterface({ input: response, crlfDelay: Infinity }).on("error", () => undefined);
  for await (const text of answer) {
    const line = schedules.import.reply[200].schema.parse(JSON.parse(text));
    if (line.kind === "done") return line;
    dealtWith = line.kind === "stopped" ? line.lines : line.line;
    if (line.kind === "stopped") throw stopped(`${line.code}, request ${line.requestId}`, dealtWith);
    await options.onRefused({ line: line.line, errors: line.errors });
  }
  throw stopped("the connection broke", dealtWith);
}

function stopped(why: string, lines: number): Failure {
  return new Failure(EXIT.unavailable, `the import stopped before its end, at line ${lines} or later (${why})`, [
    AGAIN,
  ]);
}

const AGAIN =
  "import the same file again: lines with a key that is there already are left as they are, others are made twice";
