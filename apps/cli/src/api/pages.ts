import type { Operation } from "@punctual/api/contract";
import { rawField } from "@punctual/core";
import { thousands } from "../progress.js";
import type { Run } from "../run.js";
import type { Answer, ApiClient, Query } from "./client.js";
import { jsonIn, jsonText } from "./read-answer.js";

export interface PagingOptions {
  readonly limit?: number;
  readonly cursor?: string;
  readonly all?: boolean;
}

export interface PagesOptions {
  readonly operation: Operation;
  readonly query: Query;
  readonly paging: PagingOptions;
  /** A page as text. */
  readonly show: (answer: Answer, first: boolean) => string;
}

const MOST = 200;

/** Prints one page of a list, or all of them, each as it comes: no more than one is held. */
export async function printPages({ terminal, client }: Run, options: PagesOptions): Promise<void> {
  const api = client();
  const { paging } = options;
  if (paging.all !== true) {
    const answer = await pageAt(api, options, paging.cursor);
    if (terminal.json) return terminal.print(jsonText(answer));
    await terminal.print(options.show(answer, true));
    const next = nextIn(answer);
    if (next !== undefined) terminal.say(`there is more: add --all, or --cursor ${next}`);
    return;
  }
  let count = 0;
  let cursor = paging.cursor;
  for (let first = true; first || cursor !== undefined; first = false) {
    const answer = await pageAt(api, options, cursor);
    const items = itemsIn(answer);
    if (terminal.json && first) await terminal.write('{"items":[');
    if (!terminal.json && (first || items.count > 0)) await terminal.print(options.show(answer, first));
    if (terminal.json && items.count > 0) await terminal.write(`${count > 0 ? "," : ""}${items.text}`);
    count += items.count;
    cursor = nextIn(answer);
  }
  if (terminal.json) await terminal.write("]}\n");
  else terminal.say(`${thousands(count)} in all`);
}

async function pageAt(api: ApiClient, options: PagesOptions, cursor: string | undefined): Promise<Answer> {
  const limit = options.paging.limit ?? (options.paging.all === true ? MOST : undefined);
  return api.call(options.operation, { query: { ...options.query, limit, cursor } });
}

/** The items as the text that they came as: payloads in them keep their digits. */
function itemsIn({ text }: Answer): { readonly text: string; readonly count: number } {
  const { items } = jsonIn(text) as { readonly items?: unknown };
  const list = (rawField(text, "items") ?? "[]").trim();
  return { text: list.slice(1, -1).trim(), count: Array.isArray(items) ? items.length : 0 };
}

function nextIn({ text }: Answer): string | undefined {
  const { nextCursor } = jsonIn(text) as { readonly nextCursor?: unknown };
  return typeof nextCursor === "string" ? nextCursor : undefined;
}
