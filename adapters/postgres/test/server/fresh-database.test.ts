import { expect } from "chai";
import { freshDatabase, sharedServer } from "../support/database.js";
import { ask, connected } from "./child.js";

describe("freshDatabase", () => {
  it("gives empty databases in UTF-8, many at a time", async () => {
    const databases = await Promise.all(Array.from({ length: 10 }, () => freshDatabase()));
    for (const { name, url } of databases) {
      expect(await ask(url, "SELECT current_database()")).to.equal(name);
      expect(await ask(url, "SHOW server_encoding")).to.equal("UTF8");
      await ask(url, "CREATE TABLE mine ()"); // fails if another has made it there
    }
    await Promise.all(databases.map((database) => database.drop()));
  });

  it("copies a template", async () => {
    const template = await freshDatabase();
    await ask(template.url, "CREATE TABLE kept AS SELECT 7 AS n");
    const copy = await freshDatabase({ template: template.name });
    await ask(copy.url, "UPDATE kept SET n = 8");
    expect(await ask(template.url, "SELECT n FROM kept")).to.equal(7);
    await copy.drop();
    await template.drop();
  });

  it("drops a database even with someone connected, and once is enough", async () => {
    const database = await freshDatabase();
    const { broken } = await connected(database.url);
    await database.drop();
    expect((await broken)[0]).to.have.property("code", "57P01");
    await database.drop();
    const left = `SELECT count(*)::int FROM pg_database WHERE datname = '${database.name}'`;
    expect(await ask((await sharedServer()).url, left)).to.equal(0);
  });

  it("has one server for all", async () => {
    expect(await sharedServer()).to.equal(await sharedServer());
  });
});
