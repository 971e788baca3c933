import { Validator } from "@seriousme/openapi-schema-validator";
import { expect } from "chai";
import { z } from "zod";
import { contract } from "../src/contract/index.js";
import { type Desk, desk, idIn, operationOf, URL_OF_RECEIVER } from "./support/desk.js";

describe("the OpenAPI document", () => {
  let one: Desk;
  beforeEach(async () => (one = await desk()));
  afterEach(() => one.close());

  const document = async () => (await one.ask(operationOf("openapi"), { as: null })).json as unknown as Document;

  interface Document {
    readonly openapi: string;
    readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly operationId: string }>>>>;
  }

  it("passes a validator", async () => {
    const validator = new Validator();
    const { valid, errors } = await validator.validate(structuredClone(await document()) as never);
    expect(errors, JSON.stringify(errors)).to.equal(undefined);
    expect(valid).to.equal(true);
    expect(validator.version).to.equal("3.1");
  });

  it("has every route, and none more", async () => {
    const { paths } = await document();
    const told = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { operationId }]) => `${method} ${path} ${operationId}`),
    );
    expect(told.sort()).to.deep.equal(contract.map(({ method, path, id }) => `${method} ${path} ${id}`).sort());
    expect(new Set(contract.map(({ id }) => id)).size).to.equal(contract.length);
  });

  it("refers to nothing that it does not have", async () => {
    const whole = await document();
    const text = JSON.stringify(whole);
    const names = [...text.matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name);
    expect(names.length).to.be.greaterThan(50);
    const { schemas } = (whole as unknown as { components: { schemas: object } }).components;
    expect([...new Set(names)].filter((name) => !Object.hasOwn(schemas, name ?? ""))).to.deep.equal([]);
  });

  for (const operation of contract.filter(({ id, body }) => body !== undefined && id !== "acknowledgeEvent")) {
    const known = operation.body === undefined ? undefined : z.globalRegistry.get(operation.body)?.examples;
    const examples = Array.isArray(known) ? (known as readonly unknown[]) : [];

    it(`has an example of each body, which runs: ${operation.id}`, async () => {
      expect(examples).to.have.length.above(0);
      for (const body of examples) {
        const params = await thingFor(operation.path);
        const headers = {
          ...(operation.ifMatch && { "if-match": "*" }),
          ...(operation.lines && { "content-type": "application/x-ndjson" }),
        };
        const { status, text } = await one.ask(operation, { params, body, headers });
        expect(status, text).to.be.within(200, 299);
      }
    });
  }

  /** What the path names, ready for what is done to it. */
  async function thingFor(path: string): Promise<Readonly<Record<string, string>>> {
    if (!path.includes("{")) return {};
    if (path.includes("{key}")) return { key: "mine" };
    const id = async (operation: string, body: object) => {
      return { id: idIn(await one.ask(operationOf(operation), { body })) };
    };
    const daily = {
      type: "x",
      timeZone: "Etc/UTC",
      when: { cron: "0 9 * * *" },
      destination: { url: URL_OF_RECEIVER },
    };
    if (path.includes("/destinations/")) return id("createDestination", { url: URL_OF_RECEIVER });
    if (path.includes("/user")) {
      return id("createUser", { firstName: "A", lastName: "B", dateOfBirth: "1990-01-01", timezone: "Etc/UTC" });
    }
    const schedule = await id("createSchedule", daily);
    if (path.includes("/schedules/")) return schedule;
    const event = [...one.tables.events.values()].find(({ scheduleId }) => scheduleId === schedule.id);
    if (path.endsWith("/retry") && event !== undefined)
      one.tables.putEvent({ ...event, state: "FAILED", reason: "rejected", leads: false, wakeAt: null });
    return { id: event?.id ?? "" };
  }
});
