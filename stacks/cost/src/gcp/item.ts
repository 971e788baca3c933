import type { GcpMeter } from "../prices.js";
import type { Item, Line } from "../rule.js";

export const item = (line: Line, meter: GcpMeter, quantity: number): Item => ({ line, meter, quantity });

/** By a class that the resource names: the price book may not have it, and then the estimate fails. */
export const itemOfClass = (line: Line, named: string, quantity: number): Item => ({ line, meter: named, quantity });
