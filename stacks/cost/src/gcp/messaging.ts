import { type Rules, share } from "../rule.js";
import { item } from "./item.js";

/** Pub/Sub counts a kilobyte at least, for each that is published and for each that a subscription is given. */
const KILOBYTE = 1 / 1_024 ** 3;

export const messaging: Rules = {
  "gcp:pubsub/subscription:Subscription": (one, { usage }) =>
    /dead|unreadable|letters/.test(one.name) ? [] : [item("queues", "messagesTib", 2 * usage.deliveries * KILOBYTE)],
  // Made, and carried out.
  "gcp:cloudtasks/queue:Queue": (one, situation) => [
    item("queues", "task", share(one, situation, 2 * situation.usage.deliveries)),
  ],
  "gcp:cloudscheduler/job:Job": () => [item("schedules", "job", 1)],
};
