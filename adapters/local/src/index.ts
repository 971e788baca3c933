export { RandomIds } from "./random-ids.js";
export { LocalDataKeys } from "./secrets/local-data-keys.js";
export { readKey } from "./secrets/read-key.js";
export { SystemClock } from "./system-clock.js";
export { SystemRng } from "./system-rng.js";
