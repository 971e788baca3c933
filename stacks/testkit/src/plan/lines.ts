import { hash } from "node:crypto";
import { SECRET, UNKNOWN } from "../graph.js";

/** One value of a resource: where it is, and what. */
export interface Line {
  readonly path: string;
  readonly value: string;
}

/** A document that is longer than this says nothing to whoever reads the difference. */
const LONGEST = 30_000;

/** A value with each part of it on a line of its own, so that a change is one line. Texts that are JSON are taken apart, too. */
export function linesOf(path: string, value: unknown): readonly Line[] {
  if (value === UNKNOWN || value === SECRET) return [{ path, value }];
  if (typeof value === "string") return textLines(path, value);
  if (typeof value !== "object" || value === null) return [{ path, value: String(value) }];
  if (Array.isArray(value)) return listLines(path, value);
  const parts = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  if (parts.length === 0) return [{ path, value: "{}" }];
  return parts.flatMap(([key, part]) => linesOf(below(path, key), part));
}

function below(path: string, key: string): string {
  if (!/^[\w-]+$/.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === "" || path.endsWith(":") ? `${path}${key}` : `${path}.${key}`;
}

function listLines(path: string, list: readonly unknown[]): readonly Line[] {
  if (list.length === 0) return [{ path, value: "[]" }];
  // Without their places, as one more at the beginning would move all of them.
  if (list.every((item) => typeof item !== "object" || item === null)) {
    return list.flatMap((item) => linesOf(`${path}[]`, item));
  }
  return list.flatMap((item, at) => linesOf(`${path}[${String(at)}]`, item));
}

function textLines(path: string, text: string): readonly Line[] {
  if (text.length > LONGEST) {
    const digest = hash("sha256", text).slice(0, 12);
    return [{ path, value: `[a text of ${String(text.length)} characters, ${digest}]` }];
  }
  const document = documentOf(text);
  if (document !== undefined) return linesOf(`${path}:`, document);
  const rows = text.split("\n");
  if (rows.length > 1) return rows.map((row) => ({ path: `${path} |`, value: row }));
  return [{ path, value: JSON.stringify(text) }];
}

function documentOf(text: string): object | undefined {
  if (!/^[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text) as object;
  } catch {
    return undefined;
  }
}
