import { API, ANY, DATABASE, KEYS, SCHEDULER, SENDING, SERVICES, TRANSPORT } from "./variables.js";

const STORING = { ...ANY, ...DATABASE, ...SERVICES };
const CARRYING = { ...TRANSPORT, ...KEYS };

/** Which variables each function reads; the scheduler's depend on its shape. */
export const SHAPES = {
  api: { ...STORING, ...KEYS, ...SENDING, ...API },
  authorizer: { ...ANY, ...API },
  "dead-letters": { ...STORING, ...CARRYING },
  health: { ...STORING, ...CARRYING },
  migrate: STORING,
  scheduler: { ...STORING, ...SCHEDULER, ...CARRYING },
  "single-stage": { ...STORING, ...SCHEDULER, ...SENDING },
  worker: { ...STORING, ...CARRYING, ...SENDING },
} as const;
