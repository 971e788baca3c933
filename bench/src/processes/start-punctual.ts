import { randomBytes } from "node:crypto";
import type { Ours } from "../database/ours.js";
import { Child } from "./child.js";
import type { PunctualOrders, PunctualSettings } from "./container.js";
import type { Punctual } from "./punctual.js";

/** One for all processes of a run, so that each opens what another one sealed. */
const KEY = randomBytes(32).toString("base64");

/** Starts our process on a database whose events all go to a URL, signed. */
export async function startPunctual(ours: Ours, url: string, settings: PunctualSettings): Promise<Child<Punctual>> {
  const orders: PunctualOrders = { ...settings, database: ours.url, key: KEY };
  const child = new Child<Punctual>("punctual", orders, [`--max-semi-space-size=${settings.semiSpaceMb}`]);
  await ours.sendTo(url, await child.ask("seal", ours.destinationId));
  return child;
}
