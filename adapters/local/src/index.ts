export { RandomIds } from "./random-ids.js";
export { SystemClock } from "./system-clock.js";
export { SystemRng } from "./system-rng.js";
