import { parseDate } from "../recurrence/wall.js";
import { type Timing, TIMING_DEFAULTS } from "../recurrence/timing.js";
import type { UserInput } from "./parse-user.js";

export const BIRTHDAY_TYPE = "birthday.greeting";

/** Filled with the user's data of the day on which it is sent. */
export const BIRTHDAY_TEMPLATE =
  '{"userId":"{{userId}}","message":"Hey, {{firstName}} {{lastName}} it\'s your birthday"}';

/** When greetings are sent, where nobody has said otherwise. */
const GREETING_TIME = "09:00";

/** At one time of each birthday, where the user lives. */
export function birthdayTiming(user: UserInput, time = GREETING_TIME): Timing {
  const born = parseDate(user.dateOfBirth);
  if (born === null) throw new RangeError(`${user.dateOfBirth} is no date`);
  const { month, day } = born;
  return { ...TIMING_DEFAULTS, timeZone: user.timezone, when: { yearly: { month, day, time } } };
}
