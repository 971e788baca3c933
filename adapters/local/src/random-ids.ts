import { randomUUIDv7 } from "node:crypto";
import type { Ids } from "@punctual/core";

/** UUIDs of version 7: they begin with the time, so rows that are new together lie together in an index. */
export class RandomIds implements Ids {
  next(): string {
    return randomUUIDv7();
  }
}
