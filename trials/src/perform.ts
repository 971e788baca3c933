/** A part that a process plays until it is told to end. */
export interface Part<Ready, Report> {
  readonly ready: Ready;
  hear?(order: unknown): void;
  /** Ends in good order. */
  end(): Promise<Report>;
}

/** Plays a part in a process of its own: says when it is ready, ends at a SIGTERM, and tells what it has to report. */
export async function perform<Orders, Ready, Report>(
  begin: (orders: Orders) => Promise<Part<Ready, Report>>,
): Promise<void> {
  // Who has lost the parent, however that ended, has nobody to report to.
  process.once("disconnect", () => process.exit(1));
  const told = Promise.withResolvers<void>();
  process.once("SIGTERM", () => told.resolve());
  process.on("SIGINT", () => {}); // meant for the parent, which then ends us
  const part = await begin(JSON.parse(process.argv[2] ?? "") as Orders);
  process.on("message", (order) => part.hear?.(order));
  await say({ say: "ready", ready: part.ready });
  await told.promise;
  await say({ say: "report", report: await part.end() });
  process.exit(0);
}

function say(saying: object): Promise<void> {
  return new Promise((done, fail) => {
    process.send?.(saying, (error: Error | null) => (error === null ? done() : fail(error)));
  });
}
