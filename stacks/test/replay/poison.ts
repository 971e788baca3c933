/** Beginning an event of this type fails in the database, for ever: whoever takes its message takes it in vain. */
export const POISON = `
  create function spoil() returns trigger language plpgsql as $$ begin
    if new.attempt > old.attempt and new.type = 'poison' then raise exception 'spoilt'; end if;
    return new;
  end $$;
  create trigger spoil before update on events for each row execute function spoil()`;

/** Events that go well, and one that never will. */
export function linesFor(url: string, well: number): readonly object[] {
  const at = new Date(Date.now() + 2_000).toISOString();
  return Array.from({ length: well + 1 }, (_, n) => ({
    ...{ key: `event ${String(n)}`, type: n === well ? "poison" : "report.due", timeZone: "Etc/UTC", when: { at } },
    ...{ destination: { url: `${url}/${String(n)}` }, payload: { n, manner: "well" } },
  }));
}

/** What was recorded for a stack, and what became of it when messages went that way. */
export interface Replay {
  readonly stack: string;
  /** How often a message may be taken, by what the stack says. */
  readonly receives: number;
  /** How often the poison was taken before it was a dead letter. */
  readonly taken: number;
  readonly delivered: number;
  readonly expected: number;
  /** Whether its event was seen to, once the dead letter was. */
  readonly buried: boolean;
}

export function isHeld({ receives, taken, delivered, expected, buried }: Replay): boolean {
  return taken === receives && delivered === expected && buried;
}
