import { expect } from "chai";
import { type Ended, run, runHere, type Started, start } from "./cli.js";

let platform: Promise<{ readonly url: string; readonly started: Started }> | undefined;

/** The platform of this run, started by the program itself, once. */
export function sharedPlatform() {
  platform ??= (async () => {
    const started = start(["start", "--memory", "--json"], { env: { PUNCTUAL_PORT: "0" } });
    const [, line = ""] = await started.said(/^(\{"url".*\})$/m);
    return { url: (JSON.parse(line) as { readonly url: string }).url, started };
  })();
  return platform;
}

after("ends the platform of this run", async () => {
  const running = await platform?.catch(() => undefined);
  running?.started.child.kill("SIGTERM");
  expect((await running?.started.ended)?.code ?? 0).to.equal(0);
});

/** A command against the platform; `json` reads what it prints. */
export async function onPlatform(args: readonly string[], input?: string): Promise<Ended> {
  const { url } = await sharedPlatform();
  return run(args, { env: { PUNCTUAL_URL: url }, ...(input !== undefined && { input }) });
}

/** The same within this process. */
export async function hereOnPlatform(args: readonly string[], input = ""): Promise<Ended> {
  const { url } = await sharedPlatform();
  return runHere(args, { env: { PUNCTUAL_URL: url }, input });
}

export async function json<T = Readonly<Record<string, unknown>>>(args: readonly string[], input?: string): Promise<T> {
  const { code, out, err } = await onPlatform([...args, "--json"], input);
  expect({ code, err: code === 0 ? "" : err }).to.deep.equal({ code: 0, err: "" });
  return JSON.parse(out) as T;
}

/** Where events may go: the platform's own receiver. */
export async function inbox(): Promise<string> {
  return `${(await sharedPlatform()).url}/inbox`;
}

/** The API without the program, for what a case needs beforehand. */
export async function api<T>(method: string, path: string, body?: object): Promise<T> {
  const headers = { "content-type": "application/json" };
  const response = await fetch(`${(await sharedPlatform()).url}${path}`, {
    method,
    ...(body !== undefined && { headers, body: JSON.stringify(body) }),
  });
  const answer: unknown = await response.json();
  expect(response.status, JSON.stringify(answer)).to.be.within(200, 299);
  return answer as T;
}

export async function madeSchedule(
  type = "cli.made",
): Promise<{ readonly id: string; readonly destinationId: string }> {
  const destination = { url: await inbox() };
  return api("POST", "/v1/schedules", {
    type,
    timeZone: "Etc/UTC",
    when: { cron: "0 9 * * *" },
    count: 9,
    destination,
  });
}

/** Asks the API again and again whether an event is in that state, for seconds at most. */
export async function untilState(id: string, state: string): Promise<void> {
  const stateOf = async () => (await api<{ readonly state: string }>("GET", `/v1/events/${id}`)).state;
  for (const end = performance.now() + 10_000; performance.now() < end && (await stateOf()) !== state;) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  expect(await stateOf()).to.equal(state);
}
