import { expect } from "chai";
import { S3Journal } from "../../src/aws/index.js";
import { type Entry, Overtaken } from "../../src/journal.js";
import { Cloud, Fault } from "./support/cloud.js";
import { FakeS3 } from "./support/s3.js";

const entry = (release: string): Entry => ({ release, commit: "c0ffee", phase: "migration", moves: [] });

describe("S3Journal", () => {
  let cloud: Cloud;
  let s3: FakeS3;
  let journal: S3Journal;
  beforeEach(async () => {
    cloud = await Cloud.start();
    s3 = cloud.add(new FakeS3());
    journal = new S3Journal(cloud.account, { bucket: "journal", prefix: "releases/" }, cloud.pace);
  });
  afterEach(async () => cloud.stop());

  it("knows its own write again where the answer was lost", async () => {
    const first = await journal.write("aws-dev", { entries: [entry("one")], revision: null });
    cloud.lost = { at: cloud.asked + 1, when: "after" };
    const revision = await journal.write("aws-dev", { entries: [entry("two")], revision: first });
    expect(await journal.read("aws-dev")).to.deep.equal({ entries: [entry("two")], revision });
  });

  it("gives each write a revision of its own, though it says what an earlier one said", async () => {
    const page = { entries: [entry("one")], revision: null };
    const first = await journal.write("aws-dev", page);
    const second = await journal.write("aws-dev", { entries: [entry("two")], revision: first });
    const third = await journal.write("aws-dev", { entries: [entry("one")], revision: second });
    expect(third).to.not.equal(first);
  });

  it("writes over no journal that somebody has removed", async () => {
    const failure: unknown = await journal
      .write("aws-dev", { entries: [], revision: `"of-another-time"` })
      .catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(Overtaken);
  });

  it("waits for another write that is under way", async () => {
    s3.conflicts = 2;
    const revision = await journal.write("aws-dev", { entries: [entry("one")], revision: null });
    expect(await journal.read("aws-dev")).to.deep.equal({ entries: [entry("one")], revision });
  });

  it("tells what it may not read: that is no empty journal", async () => {
    cloud.refuses = () => new Fault("AccessDenied", "User is not authorized to perform: s3:GetObject", 403);
    const failure: unknown = await journal.read("aws-dev").catch((error: unknown) => error);
    expect(failure)
      .to.be.instanceOf(Error)
      .with.property("message")
      .that.matches(/not authorized to perform: s3:Get/);
  });
});
