/** What `Intl` shows, by the fields of the local time: not the way in which `IntlZoneRules` reads it. */
export function rawOffsetAt(timeZone: string): (instant: number) => number {
  const date = { year: "numeric", month: "2-digit", day: "2-digit" } as const;
  const time = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" } as const;
  const format = new Intl.DateTimeFormat("sv-SE", { timeZone, ...date, ...time });
  return (instant) => Date.parse(`${format.format(instant).replace(" ", "T")}Z`) - Math.floor(instant / 1_000) * 1_000;
}
