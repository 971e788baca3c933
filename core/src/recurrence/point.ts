import { DAY, FIRST_WALL, LAST_WALL, parseWall, SECOND, type Wall } from "./wall.js";

/** What a text with or without an offset means: a time on some wall clock, or an instant. */
export type Point = { readonly wall: Wall } | { readonly instant: number };

const OFFSET_TEXT = /^(.{16,23})(Z|[+-]\d{2}:\d{2})$/;

/** `2027-03-14T09:00:00` is a local date-time; with `Z` or an offset behind it, an instant. Null for all else. */
export function parsePoint(text: string): Point | null {
  if (text.length > 29) return null;
  const parts = OFFSET_TEXT.exec(text);
  const wall = parseWall(parts === null ? text : (parts[1] ?? ""));
  if (wall === null) return null;
  if (parts === null) return { wall };
  const offset = parseOffset(parts[2] ?? "Z");
  if (offset === null) return null;
  const instant = wall - offset;
  return instant < FIRST_WALL + DAY || instant > LAST_WALL - DAY ? null : { instant };
}

/** As long as a local date-time is without parts of a second. */
const SECONDS = 19;

/** An instant of 1970 to 9999, as RFC 3339 writes it; what is finer than a millisecond is dropped. Null for all else. */
export function parseInstant(text: string): number | null {
  const short = text.replace(/(\.\d{3})\d+/, "$1");
  const wall = OFFSET_TEXT.exec(short)?.[1];
  const instant = wall === undefined || parseWall(wall.slice(0, SECONDS)) === null ? Number.NaN : Date.parse(short);
  return instant >= FIRST_WALL && instant < LAST_WALL + SECOND ? instant : null;
}

function parseOffset(text: string): number | null {
  if (text === "Z") return 0;
  const [hours, minutes] = [Number(text.slice(1, 3)), Number(text.slice(4, 6))];
  if (hours > 18 || minutes > 59) return null;
  return (text.startsWith("-") ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}
