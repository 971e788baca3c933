import { expect } from "chai";
import { JobMigrator } from "../../src/gcp/index.js";
import { type GoogleServices, googleServices, refusal } from "../support/google-services.js";

const at = "projects/acme-punctual/locations/europe-west1/jobs/punctual-staging-migrate";
const job = { project: "acme-punctual", location: "europe-west1", job: "punctual-staging-migrate" };

describe("JobMigrator", () => {
  let services: GoogleServices;
  let [now, runs] = [0, 0];
  afterEach(async () => services.stop());

  /** A job whose execution ends after so many looks. */
  async function migratorOf(looks: number, end: object) {
    [now, runs] = [0, 0];
    let left = looks;
    services = await googleServices(({ method, url }) => {
      if (method === "POST" && url === `run.googleapis.com/v2/${at}:run`) {
        runs++;
        return { body: { name: "operations/1", metadata: { name: `${at}/executions/e-1` } } };
      }
      if (url !== `run.googleapis.com/v2/${at}/executions/e-1`) return refusal(404, "there is no such thing");
      return { body: left-- > 0 ? { runningCount: 1 } : { completionTime: "2030-01-01T00:00:00Z", ...end } };
    });
    const pace = { now: () => now, wait: async (ms: number) => void (now += ms) };
    const pending = async () => [{ name: "0004-drop", kind: "contract" }] as const;
    return new JobMigrator({ api: services.api, pace, pending }, job);
  }

  it("runs the job once, and waits until it has ended", async () => {
    const migrator = await migratorOf(3, { succeededCount: 1 });
    await migrator.migrate();
    expect([runs, now]).to.deep.equal([1, 15_000]);
  });

  it("fails where the job does, with what it says and where it says more", async () => {
    const conditions = [{ type: "Completed", message: "Task failed with exit code 1" }];
    const migrator = await migratorOf(1, { failedCount: 1, conditions, logUri: "https://console.example/logs" });
    const failure = await migrator.migrate().catch((error: unknown) => error);
    expect(failure)
      .to.have.property("message")
      .that.equals(
        "punctual-staging-migrate failed: Task failed with exit code 1; its log: https://console.example/logs",
      );
  });

  it("does not wait for ever", async () => {
    const migrator = await migratorOf(Infinity, {});
    const failure = await migrator.migrate().catch((error: unknown) => error);
    expect(failure)
      .to.have.property("message")
      .that.matches(/has not ended within an hour/);
  });

  it("tells what is to come of whoever knows the next version", async () => {
    const migrator = await migratorOf(0, {});
    expect(await migrator.pending("c2")).to.deep.equal([{ name: "0004-drop", kind: "contract" }]);
    expect(runs).to.equal(0);
  });
});
