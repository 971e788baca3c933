/** What a process can be asked for, by name. */
export type Skills = Readonly<Record<string, (...asked: never[]) => unknown>>;

export interface Question {
  readonly number: number;
  readonly name: string;
  readonly asked: readonly never[];
}

export type Answer = { readonly number: number } & ({ readonly answer: unknown } | { readonly error: string });

export interface Usage {
  /** So far, on all threads. */
  readonly cpuMs: number;
  /** Resident memory. */
  readonly bytes: number;
}

/** Answers the parent's questions, several at a time if need be, and ends when the parent goes away. */
export function serve(skills: Skills): void {
  const all: Skills = { ...skills, usage };
  process.once("disconnect", () => process.exit());
  process.on("message", ({ number, name, asked }: Question) => {
    void answered(async () => all[name]?.(...asked)).then((answer) => process.send?.({ number, ...answer }));
  });
}

async function answered(work: () => Promise<unknown>): Promise<{ answer: unknown } | { error: string }> {
  try {
    return { answer: await work() };
  } catch (error) {
    return { error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

function usage(): Usage {
  const { user, system } = process.cpuUsage();
  return { cpuMs: (user + system) / 1_000, bytes: process.memoryUsage.rss() };
}
