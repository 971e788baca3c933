import fc from "fast-check";

const names = {
  month: ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"],
  weekday: ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"],
};

/** Patterns over the whole grammar, most of them of the plain kind that people write; a few never match. */
export const cronPattern: fc.Arbitrary<string> = fc
  .record({
    second: fc.option(field(0, 59), { freq: 1 }),
    minute: field(0, 59),
    hour: field(0, 23),
    monthDay: dayField(field(1, 31), [
      fc.constantFrom("L", "LW", "l"),
      fc.integer({ min: 1, max: 6 }).map((back) => `L-${back}`),
      fc.integer({ min: 1, max: 31 }).map((day) => `${day}W`),
    ]),
    month: field(1, 12, names.month),
    weekday: dayField(field(0, 7, names.weekday), [
      weekday().map((day) => `${day}L`),
      fc.tuple(weekday(), fc.integer({ min: 1, max: 5 })).map(([day, nth]) => `${day}#${nth}`),
    ]),
  })
  .map(({ second, minute, hour, monthDay, month, weekday }) =>
    [...(second === null ? [] : [second]), minute, hour, monthDay, month, weekday].join(" "),
  );

function field(min: number, max: number, aliases?: readonly string[]): fc.Arbitrary<string> {
  const value = fc.integer({ min, max }).chain((at) => {
    const alias = aliases?.[at - min];
    return alias === undefined ? fc.constant(`${at}`) : fc.constantFrom(`${at}`, alias, alias.toLowerCase());
  });
  const number = fc.integer({ min, max });
  const upwards = fc.tuple(number, number).map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`);
  const step = fc.integer({ min: 1, max: Math.ceil((max - min) / 2) });
  const item = fc.oneof(
    { weight: 12, arbitrary: value },
    { weight: 5, arbitrary: upwards },
    { weight: 2, arbitrary: fc.tuple(upwards, step).map(([range, by]) => `${range}/${by}`) },
    { weight: 1, arbitrary: fc.tuple(value, value).map(([from, to]) => `${from}-${to}`) },
    { weight: 1, arbitrary: fc.tuple(value, step).map(([from, by]) => `${from}/${by}`) },
  );
  return fc.oneof(
    { weight: 5, arbitrary: fc.constant("*") },
    { weight: 2, arbitrary: step.map((by) => `*/${by}`) },
    { weight: 6, arbitrary: item },
    { weight: 2, arbitrary: fc.array(item, { minLength: 2, maxLength: 4 }).map((items) => items.join(",")) },
  );
}

function dayField(plain: fc.Arbitrary<string>, special: fc.Arbitrary<string>[]): fc.Arbitrary<string> {
  const one = fc.oneof(...special);
  return fc.oneof(
    { weight: 8, arbitrary: plain },
    { weight: 1, arbitrary: fc.constant("?") },
    { weight: 2, arbitrary: one },
    { weight: 1, arbitrary: fc.tuple(plain, one).map((items) => items.join(",")) },
  );
}

function weekday(): fc.Arbitrary<string> {
  return fc.constantFrom("0", "1", "5", "7", ...names.weekday, "fri", "Mon");
}
