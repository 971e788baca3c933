import { randomBytes } from "node:crypto";
import {
  AcknowledgeEvent,
  BuryDeadLetters,
  CancelEvent,
  ChangeDestination,
  ChangeSchedule,
  ChangeUser,
  CreateDestination,
  CreateSchedule,
  CreateUser,
  DeleteDestination,
  DeleteSchedule,
  DeleteUser,
  DeliverDue,
  DeliverEvents,
  DisableDestination,
  EnableDestination,
  FollowEnded,
  HandOverDue,
  ImportSchedules,
  InvalidInput,
  PauseSchedule,
  PreviewOccurrences,
  PutSchedule,
  Reconcile,
  RecomputeZones,
  RedriveEvents,
  RescheduleEvent,
  ResumeSchedule,
  RotateSecret,
  RunBurial,
  RunSchedule,
  RunScheduler,
  RunWorker,
  SimulateSchedules,
  TestDestination,
  Tick,
} from "@punctual/core";
import { MemorySender, memoryModule, memoryStoresModule } from "@punctual/core/memory";
import { coreModule, ports } from "@punctual/core/wiring";
import { expect } from "chai";
import { Container } from "inversify";
import { SystemClock } from "../src/index.js";
import { localKeysModule, localModule } from "../src/wiring.js";

const USE_CASES = [
  ...[
    AcknowledgeEvent,
    BuryDeadLetters,
    CancelEvent,
    ChangeDestination,
    ChangeSchedule,
    ChangeUser,
    CreateDestination,
    CreateSchedule,
  ],
  ...[
    CreateUser,
    DeleteDestination,
    DeleteSchedule,
    DeleteUser,
    DeliverDue,
    DeliverEvents,
    DisableDestination,
    EnableDestination,
    FollowEnded,
    HandOverDue,
  ],
  ...[ImportSchedules, PauseSchedule, PreviewOccurrences, PutSchedule, Reconcile, RecomputeZones, RedriveEvents],
  ...[RescheduleEvent, ResumeSchedule, RotateSecret, RunBurial, RunSchedule, RunScheduler, RunWorker],
  ...[SimulateSchedules, TestDestination, Tick],
];
/** What else of the core is a class. */
const OTHERS = [
  ...["SchedulingError", "InvalidInput", "NotFound", "Conflict", "SecretNotFound", "Unavailable"],
  ...[
    "BatchQueue",
    "Fields",
    "CompiledTiming",
    "Recurrence",
    "IntlZoneRules",
    "RecentSecrets",
    "TableZoneRules",
    "TurnedAway",
  ],
];

function setup() {
  const clock = new SystemClock();
  const sender = new MemorySender(clock);
  const container = new Container();
  container.load(
    localModule(),
    memoryStoresModule(clock),
    memoryModule(clock, new Map([[sender.kind, sender]])),
    coreModule({
      greetings: { id: "01890a5d-ac96-774b-bcce-b302099a8057" },
      inPlace: false,
      tick: { limit: 100, leaseMs: 30_000, lookAheadMs: 60_000, leastLeftMs: 5_000 },
      scheduler: { limit: 100, leaseMs: 30_000, lookAheadMs: 0, pollMs: 1_000, heartbeatMs: 10_000 },
      worker: { maxInFlight: 100, maxBatch: 10 },
    }),
  );
  return { container, sender };
}

describe("coreModule over localModule and memoryModule", () => {
  for (const UseCase of USE_CASES) {
    it(`makes ${UseCase.name}`, () => {
      const { container } = setup();
      expect(container.get<object>(UseCase)).to.be.instanceOf(UseCase);
    });
  }

  it("makes every use case that there is", async () => {
    const core: Readonly<Record<string, unknown>> = await import("@punctual/core");
    const classes = Object.values(core).filter((one) => typeof one === "function" && String(one).startsWith("class"));
    const names = classes.map((one) => (one as { name: string }).name).filter((name) => !OTHERS.includes(name));
    expect(names.sort()).to.deep.equal(USE_CASES.map(({ name }) => name).sort());
  });

  it("gives all that deliver one queue of endings", () => {
    const { container } = setup();
    expect(container.get(DeliverEvents)).to.equal(container.get(DeliverEvents));
  });

  it("binds every port", () => {
    const { container } = setup();
    for (const [name, token] of Object.entries(ports)) expect(container.isBound(token), name).to.equal(true);
  });

  it("opens what was sealed with an earlier key", async () => {
    const [old, fresh] = [randomBytes(32).toString("base64"), randomBytes(32).toString("base64")];
    const keysOf = (secretKeys: readonly [string, ...string[]]) => {
      const container = new Container();
      container.load(localKeysModule({ secretKeys }));
      return container.get(ports.dataKeys);
    };
    const { key, wrapped } = await keysOf([old]).generate();

    expect(await keysOf([fresh, old]).unwrap(wrapped)).to.deep.equal(key);
    expect(() => keysOf(["x"])).to.throw(InvalidInput);
  });

  it("schedules, hands over and delivers", async () => {
    const { container, sender } = setup();
    const url = "https://receiver.test/hook";
    sender.listen(url, () => ({ status: 200 }));
    const when = { at: "2100-01-01T09:00:00" };
    const { schedule } = await container.get(CreateSchedule).run({
      tenant: "main",
      input: { type: "test.wired", when, timeZone: "Europe/Berlin", destination: { url }, payload: { a: 1 } },
    });
    await container.get(RunSchedule).run({ tenant: "main", id: schedule.id, actor: "tester" });
    const stop = new AbortController();
    const running = [container.get(RunScheduler).run(stop.signal), container.get(RunWorker).run(stop.signal)];
    const clock = container.get(ports.clock);
    while (sender.received.length === 0) await clock.sleep(5);
    stop.abort();
    await Promise.all(running);
    expect(sender.received.map(({ request }) => JSON.parse(request.body) as object)).to.have.nested.property(
      "0.data.a",
      1,
    );
  });
});
