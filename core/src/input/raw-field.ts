/**
 * The text of one member of a JSON object, exactly as it stands in `json`, which must be valid JSON; undefined when the
 * object has no such member. Parsing and writing it anew would lose long numbers, their spelling, and doubled keys.
 */
export function rawField(json: string, name: string): string | undefined {
  let at = skipSpace(json, 0);
  if (json[at] !== "{") return undefined;
  at = skipSpace(json, at + 1);
  let found: string | undefined;
  while (json[at] === '"') {
    const keyEnd = endOfString(json, at);
    const key: unknown = JSON.parse(json.slice(at, keyEnd));
    const start = skipSpace(json, skipSpace(json, keyEnd) + 1);
    const end = endOfValue(json, start);
    if (key === name) found = json.slice(start, end); // of doubled keys the last counts, as for JSON.parse
    at = skipSpace(json, end);
    if (json[at] === ",") at = skipSpace(json, at + 1);
  }
  return found;
}

function skipSpace(json: string, from: number): number {
  let at = from;
  while (" \t\n\r".includes(json[at] ?? "x")) at++;
  return at;
}

function endOfString(json: string, from: number): number {
  let at = from + 1;
  while (at < json.length && json[at] !== '"') at += json[at] === "\\" ? 2 : 1;
  return at + 1;
}

function endOfValue(json: string, from: number): number {
  let depth = 0;
  for (let at = from; at < json.length;) {
    const character = json[at] ?? "";
    if (character === '"') at = endOfString(json, at);
    else if (depth === 0 && ",}] \t\n\r".includes(character)) return at;
    else {
      if (character === "{" || character === "[") depth++;
      if (character === "}" || character === "]") depth--;
      at++;
      if (depth === 0 && (character === "}" || character === "]")) return at;
      continue;
    }
    if (depth === 0) return at;
  }
  return json.length;
}
