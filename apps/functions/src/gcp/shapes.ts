import {
  ANY,
  API,
  CALLERS,
  DATABASE,
  KEYS,
  LINGERING,
  LOOKING_AHEAD,
  PUBSUB,
  SENDING,
  SERVICES,
  TASKS,
} from "./variables.js";

const STORING = { ...ANY, ...DATABASE };
const CALLED = { ...STORING, ...CALLERS };

/** Which variables each service reads; the scheduler's depend on its shape, and both ends on what carries messages. */
export const SHAPES = {
  api: { ...STORING, ...SERVICES, ...KEYS, ...SENDING, ...API },
  "dead-letters": { ...CALLED, ...PUBSUB, ...KEYS },
  migrate: STORING,
  scheduler: { ...CALLED, ...LINGERING, ...PUBSUB, ...KEYS },
  "scheduler, tasks": { ...CALLED, ...LOOKING_AHEAD, ...TASKS, ...KEYS },
  "single-stage": { ...CALLED, ...LINGERING, ...SENDING, ...SERVICES },
  worker: { ...CALLED, ...KEYS, ...SENDING, ...SERVICES, ...PUBSUB },
  "worker, tasks": { ...CALLED, ...KEYS, ...SENDING, ...SERVICES, ...TASKS },
} as const;
