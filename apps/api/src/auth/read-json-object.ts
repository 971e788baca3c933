import { isJsonObject } from "@punctual/core";

/** Reads a JSON object in UTF-8. One that names something twice is refused: two readers may see two different things in it. */
export function readJsonObject(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  const [json, value] = parse(bytes);
  if (!isJsonObject(value)) throw new Error("Not an object");
  if (namesTwice(json)) throw new Error("A name stands twice in an object");
  return value;
}

function parse(bytes: Uint8Array): [string, unknown] {
  try {
    const json = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return [json, JSON.parse(json)];
  } catch {
    throw new Error("Not JSON in UTF-8"); // the original would quote what it met, and that ends in a log
  }
}

/** Of valid JSON, in which a string before a colon is a name and brackets need no counting. */
function namesTwice(json: string): boolean {
  const open: Set<string>[] = [];
  for (const [token] of json.matchAll(/"(?:[^"\\]|\\.)*"\s*:?|[{}]/g)) {
    if (token === "{") open.push(new Set());
    else if (token === "}") open.pop();
    else if (token.endsWith(":")) {
      const [names, name] = [open.at(-1), JSON.parse(token.slice(0, -1)) as string];
      if (names?.has(name) === true) return true;
      names?.add(name);
    }
  }
  return false;
}
