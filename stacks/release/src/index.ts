export { type Entry, isOver, type Journal, Overtaken, type Page, type Phase, PHASES } from "./journal.js";
export type { Move, Mover, Progress, Standing, Version } from "./mover.js";
export { type Order, type Timing, USUAL } from "./order.js";
export { Refused, refusalsOf } from "./refusals.js";
export { type Outcome, Release } from "./release.js";
export { rollBack } from "./rollback.js";
export type {
  Artifacts,
  Installed,
  Judge,
  Migration,
  Migrator,
  Pace,
  Platform,
  Smoke,
  Verdict,
  World,
} from "./world.js";
