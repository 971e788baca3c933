import { expect } from "chai";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { describeJournal } from "../src/conformance/index.js";
import { FileJournal } from "../src/file-journal.js";
import { Overtaken, type Page } from "../src/journal.js";

let folder = "";
const open = async () => {
  folder = await mkdtemp(path.join(tmpdir(), "journal-"));
  return new FileJournal(path.join(folder, "releases"));
};
const close = async () => rm(folder, { recursive: true, force: true });

describeJournal("FileJournal", { open, close });

describe("FileJournal", () => {
  afterEach(close);
  const page = (release: string, revision: string | null): Page => ({
    entries: [{ release, commit: "c", phase: "released", moves: [] }],
    revision,
  });

  it("is not written by who has slept while very much was", async () => {
    const journal = await open();
    const slept = await journal.write("aws-dev", page("0", null));
    let revision: string | null = slept;
    for (let at = 1; at <= 60; at++) revision = await journal.write("aws-dev", page(String(at), revision));
    // As its own `write` would, had it looked before it slept.
    const sleeper = new FileJournal(path.join(folder, "releases"));
    Object.defineProperty(sleeper, "read", { value: async () => page("0", slept) });
    const failure = await sleeper.write("aws-dev", page("1", slept)).catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(Overtaken);
    expect(await journal.read("aws-dev")).to.deep.equal({ ...page("60", revision) });
  });

  it("keeps what the last pages say, and leaves nothing half written", async () => {
    const journal = await open();
    let revision: string | null = null;
    for (let at = 1; at <= 30; at++) revision = await journal.write("aws-dev", page(String(at), revision));
    const files = await readdir(path.join(folder, "releases"));
    expect(files).to.have.length(30);
    const texts = await Promise.all(files.map(async (file) => readFile(path.join(folder, "releases", file), "utf8")));
    expect(texts.filter((text) => text !== "")).to.have.length(20);
  });

  it("does not take one stack for another whose name begins alike", async () => {
    const journal = await open();
    await journal.write("aws-dev", page("1", null));
    expect(await journal.read("aws")).to.deep.equal({ entries: [], revision: null });
  });
});
