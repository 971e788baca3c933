import { expect } from "chai";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { ask, Program, until } from "./support/program.js";
import { Receiver, signatureOf } from "./support/receiver.js";

/** The program as a user starts it, a receiver beside it, and nothing else. */
describe("npm start", function () {
  this.timeout(60_000);
  let program: Program;
  let receiver: Receiver;

  beforeEach(async () => {
    program = await Program.make();
    receiver = await Receiver.open();
  });
  afterEach(async () => {
    await program.close();
    await receiver.close();
  });

  const inASecond = () => new Date(Math.ceil(Date.now() / 1_000) * 1_000 + 1_000).toISOString();

  it("sends one signed request at its time; stopped and started again it sends nothing twice", async () => {
    const one = await program.start();
    const destination = await ask("POST", `${one.url}/v1/destinations`, { url: `${receiver.url}/hook` });
    const dueAt = inASecond();
    const schedule = await ask("POST", `${one.url}/v1/schedules`, {
      ...{ type: "hello", timeZone: "Etc/UTC", when: { at: dueAt }, destinationId: destination["id"] },
      payload: { text: "It is time" },
    });
    await until(() => receiver.received.length > 0);
    const [request] = receiver.received;
    if (request === undefined) throw new Error("Nothing arrived");

    expect(Date.now()).to.be.at.least(Date.parse(dueAt));
    expect(JSON.parse(request.body)).to.deep.include({ type: "hello", data: { text: "It is time" } });
    expect(request.headers["webhook-signature"]).to.equal(signatureOf(request, destination["secret"] ?? ""));

    const ended = async (url: string) =>
      (await ask("GET", `${url}/v1/schedules/${schedule["id"]}`))["state"] === "ended";
    await until(() => ended(one.url));
    expect(await one.end()).to.equal(0);

    const two = await program.start();
    await ask("POST", `${two.url}/v1/schedules`, {
      ...{ type: "again", timeZone: "Etc/UTC", when: { at: inASecond() }, destinationId: destination["id"] },
    });
    await until(() => receiver.received.length > 1);
    expect(await ended(two.url)).to.equal(true);
    expect(await two.end()).to.equal(0);

    const types = receiver.received.map(({ body }) => (JSON.parse(body) as { readonly type: string }).type);
    expect(types).to.deep.equal(["hello", "again"]);
    expect(receiver.received[1]?.headers["webhook-signature"]).to.match(/^v1,/);
  });

  it("greets a user once, signed, at the time of the birthday where the user lives", async () => {
    // The first start makes the data, and its time is not to be told beforehand.
    const began = performance.now();
    expect(await (await program.start()).end()).to.equal(0);
    const { timezone, dateOfBirth, time } = birthdayIn(5_000 + (performance.now() - began));
    const env = { PUNCTUAL_GREETINGS_TIME: time, PUNCTUAL_GREETINGS_URL: `${receiver.url}/greetings` };
    const one = await program.start([], env);
    const ada = { firstName: "Ada", lastName: "Lovelace", dateOfBirth, timezone };
    const user = await ask("POST", `${one.url}/user`, ada);
    const schedule = await ask("GET", `${one.url}/v1/schedules/${user["scheduleId"]}`);
    const rotate = `${one.url}/v1/destinations/${schedule["destinationId"]}/rotate-secret`;
    const { secret = "" } = await ask("POST", rotate, {});
    await until(() => receiver.received.length > 0);
    const arrivedAt = Date.now();
    const [request] = receiver.received;
    if (request === undefined) throw new Error("Nothing arrived");

    const told = JSON.parse(request.body) as { readonly data: unknown; readonly local: { readonly dateTime: string } };
    expect(told.data).to.deep.equal({ userId: user["id"], message: "Hey, Ada Lovelace it's your birthday" });
    expect(request.path).to.equal("/greetings");
    expect(request.headers["webhook-signature"]).to.equal(signatureOf(request, secret));
    expect(arrivedAt).to.be.at.least(Date.parse(String(request.headers["punctual-due"])));
    expect(clockIn(timezone, Date.parse(String(request.headers["punctual-due"])))).to.equal(time);

    await until(async () => {
      const found = await fetch(`${one.url}/v1/events?scheduleId=${user["scheduleId"]}&state=COMPLETED`);
      return ((await found.json()) as { readonly items: readonly unknown[] }).items.length === 1;
    });
    expect(await one.end()).to.equal(0);
    const two = await program.start([], env);
    const { items } = (await (await fetch(`${two.url}/v1/events?scheduleId=${user["scheduleId"]}`)).json()) as {
      readonly items: readonly { readonly state: string; readonly dueAt: string }[];
    };
    expect(items.map(({ state }) => state).sort()).to.deep.equal(["COMPLETED", "PENDING"]);
    // Long enough for a loop to claim whatever it takes for due.
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(await two.end()).to.equal(0);
    expect(receiver.received).to.have.length(1);
  });

  it("with --memory shows what arrives at its own receiver, and writes nothing", async () => {
    const empty = join(program.folder, "nothing");
    const one = await program.start(["--memory"], { PUNCTUAL_DATA: empty });
    await ask("POST", `${one.url}/v1/schedules`, {
      ...{ type: "hello", timeZone: "Etc/UTC", when: { at: inASecond() }, destination: { url: `${one.url}/inbox` } },
    });
    await until(() => one.said().includes("arrived  hello"));
    const health = await ask("GET", `${one.url}/health`);
    expect(health).to.deep.include({ status: "ok", parts: { database: { status: "ok" }, worker: { status: "ok" } } });
    const metrics = async () => (await fetch(`${one.url}/metrics`)).text();
    // It arrives a moment before it is recorded that it did.
    const finished = /^punctual_events_finished_total{state="completed",reason="none"} 1$/m;
    await until(async () => finished.test(await metrics()));
    expect(await metrics()).to.contain('http_route="/v1/schedules"');
    expect(await one.end()).to.equal(0);
    expect(await rm(empty, { recursive: true }).catch((error: NodeJS.ErrnoException) => error.code)).to.equal("ENOENT");
  });

  it("lets whoever follows its stream go when it is stopped", async () => {
    const one = await program.start(["--memory"]);
    const stream = await fetch(`${one.url}/v1/stream`);
    expect(stream.status).to.equal(200);
    const ended = one.end();
    expect(await stream.text()).to.match(/^retry: /);
    expect(await ended).to.equal(0);
  });

  it("does not start where others could reach it without a token", async () => {
    const one = await program.start([], { PUNCTUAL_HOST: "0.0.0.0" });
    expect(await one.ended).to.equal(1);
    expect(one.said()).to.include("not on 0.0.0.0");
  });

  it("tells all that is wrong with what it is told", async () => {
    const one = await program.start(["--colour"], { PUNCTUAL_PORT: "99999999" });
    expect(await one.ended).to.equal(2);
    expect(one.said()).to.include("--colour").and.include("PUNCTUAL_PORT");
  });
});

/** Somebody who has birthday so soon, in a zone where no midnight is near. */
function birthdayIn(ms: number): { readonly timezone: string; readonly dateOfBirth: string; readonly time: string } {
  const at = Date.now() + ms;
  const timezone = ["Asia/Tokyo", "America/Lima"].find((zone) => !/^(23:59|00:00)/.test(clockIn(zone, at)));
  if (timezone === undefined) throw new Error("It is midnight in both zones");
  const [, month, day] = new Intl.DateTimeFormat("sv-SE", { timeZone: timezone }).format(at).split("-");
  // Who was born on a leap day has birthday on another day this year, but not in 1988.
  return { timezone, dateOfBirth: `1988-${month}-${day}`, time: clockIn(timezone, at) };
}

function clockIn(timeZone: string, at: number): string {
  return new Intl.DateTimeFormat("sv-SE", { timeZone, timeStyle: "medium" }).format(at);
}
