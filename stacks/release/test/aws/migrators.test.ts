import { expect } from "chai";
import { LambdaMigrator, TaskMigrator } from "../../src/aws/index.js";
import type { Migration, Migrator } from "../../src/world.js";
import { Cloud, Fault } from "./support/cloud.js";
import { FakeLambda } from "./support/lambda.js";
import { FakeTasks } from "./support/tasks.js";

const KNOWN: readonly Migration[] = [
  { name: "0001-tables", kind: "expand" },
  { name: "0002-more", kind: "expand" },
  { name: "0003-less", kind: "contract" },
];
const known = async () => KNOWN;
const PLACE = { cluster: "punctual-dev", taskDefinition: "migrate:1", subnets: "a,b", securityGroups: "c" };

/** Tables, and the program that migrates them as far as it knows. */
class Tables {
  run: string[] = ["0001-tables"];
  knows = KNOWN.map(({ name }) => name);
  breaks = false;

  up(): void {
    if (this.breaks) throw new Error("relation is in use");
    this.run = [...new Set([...this.run, ...this.knows])];
  }

  status() {
    const names = [...new Set([...this.knows, ...this.run])];
    return { migrations: names.map((name) => ({ name, at: this.run.includes(name) ? "2030-01-01T00:00:00Z" : null })) };
  }
}

const kinds: Readonly<Record<string, (cloud: Cloud, tables: Tables) => Migrator>> = {
  LambdaMigrator: (cloud, tables) => {
    cloud.add(new FakeLambda()).answer("punctual-dev-migrate", (event) => {
      const { action } = event as { action: string };
      if (action === "up") tables.up();
      return tables.status();
    });
    return new LambdaMigrator(cloud.account, "punctual-dev-migrate", known);
  },
  TaskMigrator: (cloud, tables) => {
    cloud.add(
      new FakeTasks(cloud.now, ([program, group, ...words]) => {
        expect([program, group]).to.deep.equal(["apps/cli/bin/punctual.js", "migrate"]);
        try {
          if (words.join(" ") === "up") tables.up();
          return { exitCode: 0, lines: ["a line before", JSON.stringify(tables.status())] };
        } catch (error) {
          return { exitCode: 1, lines: [String(error)] };
        }
      }),
    );
    return new TaskMigrator(cloud.account, async () => PLACE, known, cloud.pace);
  },
};

for (const [name, make] of Object.entries(kinds)) {
  describe(name, () => {
    let cloud: Cloud;
    let tables: Tables;
    let migrator: Migrator;
    beforeEach(async () => {
      cloud = await Cloud.start();
      tables = new Tables();
      migrator = make(cloud, tables);
    });
    afterEach(async () => cloud.stop());

    it("tells what is to come, and whether what runs can live with it, and changes nothing (D1)", async () => {
      for (const _ of [1, 2]) {
        expect(await migrator.pending("c2")).to.deep.equal([
          { name: "0002-more", kind: "expand" },
          { name: "0003-less", kind: "contract" },
        ]);
      }
      expect(tables.run).to.deep.equal(["0001-tables"]);
    });

    it("knows what the version that runs does not know yet (D1)", async () => {
      tables.knows = ["0001-tables"];
      expect((await migrator.pending("c2")).map(({ kind }) => kind)).to.deep.equal(["expand", "contract"]);
    });

    it("takes nothing away from tables that have nothing (D1)", async () => {
      tables.run = [];
      expect((await migrator.pending("c2")).map(({ kind }) => kind)).to.deep.equal(["expand", "expand", "expand"]);
    });

    it("brings the tables up, once or again (D2)", async () => {
      await migrator.migrate("c2");
      await migrator.migrate("c2");
      expect(tables.run).to.deep.equal(KNOWN.map((one) => one.name));
      expect(await migrator.pending("c2")).to.be.empty;
    });

    it("tells that it failed, and why", async () => {
      tables.breaks = true;
      const failure: unknown = await migrator.migrate("c2").catch((error: unknown) => error);
      expect(failure)
        .to.be.instanceOf(Error)
        .with.property("message")
        .that.matches(/relation is in use/);
    });

    it("does not take it for done by a program that knows less", async () => {
      tables.knows = ["0001-tables", "0002-more"];
      const failure: unknown = await migrator.migrate("c2").catch((error: unknown) => error);
      expect(failure)
        .to.be.instanceOf(Error)
        .with.property("message")
        .that.matches(/Still to be run.*: 0003-less/);
    });

    it("tells what it may not do", async () => {
      cloud.refuses = () => new Fault("AccessDeniedException", "User is not authorized to do this", 403);
      const failure: unknown = await migrator.pending("c2").catch((error: unknown) => error);
      expect(failure)
        .to.be.instanceOf(Error)
        .with.property("message")
        .that.matches(/not authorized/);
    });
  });
}

describe("before there is a stack", () => {
  let cloud: Cloud;
  beforeEach(async () => (cloud = await Cloud.start()));
  afterEach(async () => cloud.stop());

  it("all of it is to come, and takes nothing away", async () => {
    cloud.add(new FakeLambda());
    const migrators = [
      new LambdaMigrator(cloud.account, "punctual-dev-migrate", known),
      new TaskMigrator(cloud.account, async () => undefined, known, cloud.pace),
    ];
    for (const migrator of migrators) {
      expect((await migrator.pending("c1")).map(({ kind }) => kind)).to.deep.equal(["expand", "expand", "expand"]);
    }
  });
});

describe("a task that migrates", () => {
  let cloud: Cloud;
  let tasks: FakeTasks;
  const migrator = () => new TaskMigrator(cloud.account, async () => PLACE, known, cloud.pace);
  beforeEach(async () => {
    cloud = await Cloud.start();
    tasks = cloud.add(new FakeTasks(cloud.now, () => ({ lines: [], stoppedReason: "CannotPullContainerError" })));
  });
  afterEach(async () => cloud.stop());

  it("runs where the stack says, with no address outside", async () => {
    await migrator()
      .migrate("c2")
      .catch(() => undefined);
    const awsvpcConfiguration = { subnets: ["a", "b"], securityGroups: ["c"], assignPublicIp: "DISABLED" };
    expect(tasks.placed).to.deep.equal([{ cluster: "punctual-dev", network: { awsvpcConfiguration } }]);
  });

  it("is not done where it never began", async () => {
    const failure: unknown = await migrator()
      .migrate("c2")
      .catch((error: unknown) => error);
    expect(failure)
      .to.have.property("message")
      .that.matches(/ended with no code: CannotPullContainerError/);
  });

  it("is not done where there is no room for it", async () => {
    tasks.failure = "RESOURCE:MEMORY";
    const failure: unknown = await migrator()
      .migrate("c2")
      .catch((error: unknown) => error);
    expect(failure)
      .to.have.property("message")
      .that.matches(/No task was started: RESOURCE:MEMORY/);
  });
});
