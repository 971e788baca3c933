import { open, readFile } from "node:fs/promises";
import type { Readable } from "node:stream";
import { usage } from "./failure.js";

const MOST = 64 * 1024 * 1024;

/** The text of a file, or of stdin for `-`. */
export async function textOf(path: string, stdin: Readable): Promise<string> {
  if (path !== "-") return readFile(path, "utf8").catch((error: unknown) => refuse(path, error));
  let text = "";
  stdin.setEncoding("utf8");
  for await (const chunk of stdin as AsyncIterable<string>) {
    text += chunk;
    if (text.length > MOST) throw usage("stdin holds more than one object can have");
  }
  return text;
}

export interface Source {
  readonly stream: Readable;
  /** In bytes, where that can be known. */
  readonly size: number | null;
}

/** A file, or stdin for `-`, to be read bit by bit. */
export async function sourceOf(path: string, stdin: Readable): Promise<Source> {
  if (path === "-") return { stream: stdin, size: null };
  try {
    const file = await open(path);
    const stats = await file.stat();
    if (stats.isDirectory()) {
      await file.close();
      throw usage(`${path} is a folder`);
    }
    return { stream: file.createReadStream(), size: stats.isFile() ? stats.size : null };
  } catch (error) {
    return refuse(path, error);
  }
}

/** Throws unless the text is one JSON object; what it holds is for the API to judge. */
export function readObject(text: string, where: string): Readonly<Record<string, unknown>> {
  const value = readJson(text, where);
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
  throw usage(`${where} is no JSON object`);
}

export function readJson(text: string, where: string): unknown {
  try {
    return JSON.parse(text.replace(/^\ufeff/, ""));
  } catch (error) {
    throw usage(`${where} is not valid JSON: ${error instanceof Error ? error.message : "it cannot be read"}`);
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EACCES: "it may not be read",
  EISDIR: "it is a folder",
};

export function refuse(path: string, error: unknown): never {
  const code = error instanceof Error && "code" in error ? String(error.code) : null;
  if (code === null) throw error;
  throw usage(`${path}: ${REASONS[code] ?? code}`);
}
