import type { Asked, Kind } from "./asked.js";
import type { Chance } from "./chance.js";
import type { Described, Document, Parameter, Schema } from "./document.js";
import { garbled } from "./garbage.js";
import { spoiled, written } from "./spoil.js";
import { Values } from "./values.js";
import type { Words } from "./words.js";
import type { World } from "./world.js";

type Json = Readonly<Record<string, unknown>>;

/** Draws requests for operations that a document describes. */
export class Requests {
  readonly #chance: Chance;
  readonly #world: World;
  readonly #good: Values;
  readonly #extreme: Values;

  constructor({ document, chance, world }: { document: Document; chance: Chance; world: World }) {
    const known: Words = {
      destinationId: () => world.destination(),
      scheduleId: () => world.schedule(),
    };
    this.#chance = chance;
    this.#world = world;
    this.#good = new Values({ document, chance, known, extreme: 0 });
    this.#extreme = new Values({ document, chance, known, extreme: 40 });
  }

  draw(operation: Described): Asked {
    const chance = this.#chance;
    const drawn = chance.whole(1, 100);
    if (drawn <= 40) return this.#asked(operation, "good", this.#good);
    if (drawn <= 60) return this.#asked(operation, "extreme", this.#extreme);
    if (drawn <= 82) return this.#asked(operation, "spoiled", chance.often(80) ? this.#good : this.#extreme);
    return garbled(this.#asked(operation, "garbage", this.#good), chance);
  }

  #asked(operation: Described, kind: Kind, values: Values): Asked {
    const chance = this.#chance;
    // One thing is wrong: a field of the body, a parameter, or what the path names.
    const places = [
      ...(operation.body === null ? [] : ["body", "body", "body"]),
      ...(operation.parameters.some((one) => one.in === "query") ? ["query", "query"] : []),
      ...(operation.path.includes("{") ? ["path"] : []),
    ];
    const place = kind === "spoiled" && places.length > 0 ? chance.one(places) : "";
    const id = place === "path" ? this.#nowhere() : this.#world.idFor(operation.id, operation.path);
    const body = this.#body(operation, values, place === "body");
    const path = operation.path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
      name === "id"
        ? id
        : name === "tenant"
          ? "main"
          : encodeURIComponent(String(values.of(schemaIn(operation, name), name)).toWellFormed()),
    );
    const onward =
      kind === "good" && chance.often(30) ? this.#world.pages.find((one) => one.split("?")[0] === path) : null;
    return {
      operation,
      kind,
      method: operation.method,
      path: onward ?? `${path}${this.#query(operation, values, place === "query")}`,
      headers: this.#headers(operation, { id, body, kind }),
      body,
    };
  }

  #nowhere(): string {
    const odd = ["x", "0", "__proto__", "00000000-0000-7000-8000-00000000dead", "%00", "%ff", "a".repeat(1_000), "%20"];
    return this.#chance.one(odd);
  }

  #query({ parameters }: Described, values: Values, spoil: boolean): string {
    const chance = this.#chance;
    const wanted = parameters.filter((one) => one.in === "query" && (one.required || chance.often(20)));
    // A cursor comes from a list: what a schema has to say of it makes none.
    const fields = Object.fromEntries(
      wanted
        .filter(({ name }) => name !== "cursor")
        .map((one: Parameter) => [one.name, values.of(one.schema, one.name)]),
    );
    const asked = spoil ? (JSON.parse(written(plain(spoiled(fields, chance)))) as unknown) : fields;
    const pairs = Object.entries(isObject(asked) ? asked : { x: asked }).flatMap(([name, value]) =>
      [value].flat().map((one) => `${encode(name)}=${encode(typeof one === "string" ? one : JSON.stringify(one))}`),
    );
    return pairs.length === 0 ? "" : `?${pairs.slice(0, 100).join("&").slice(0, 12_000)}`;
  }

  #body({ id, body }: Described, values: Values, spoil: boolean): string | null {
    const chance = this.#chance;
    if (body === null || (!body.required && !spoil && chance.often(40))) return null;
    const draw = () => fitted(id, values.of(body.schema, ""), () => this.#world.destination());
    if (body.type !== "application/x-ndjson") {
      const drawn = draw();
      return written(spoil ? spoiled(drawn, chance) : drawn);
    }
    const lines = chance.list(chance.whole(1, 6), draw);
    return lines.map((one) => `${written(spoil && chance.often(50) ? spoiled(one, chance) : one)}\n`).join("");
  }

  #headers(
    operation: Described,
    { id, body, kind }: { id: string; body: string | null; kind: Kind },
  ): Asked["headers"] {
    const chance = this.#chance;
    const has = (name: string) => operation.parameters.some((one) => one.in === "header" && one.name === name);
    const key = has("Idempotency-Key") && chance.often(30);
    if (key) this.#world.keys.push(`key-${chance.whole(1, 1_000_000_000)}`);
    const others = ["service:main:bob", `user:main:${id}`, "admin:other:eve", "user:main:nobody"];
    const who = kind !== "good" && chance.often(15) ? chance.one(others) : "admin:main:ada";
    return {
      authorization: `Bearer ${who}`,
      ...(body !== null && { "content-type": operation.body?.type ?? "application/json" }),
      ...(has("If-Match") && { "if-match": chance.often(90) || kind === "good" ? "*" : `"${chance.whole(0, 3)}"` }),
      ...(key && { "idempotency-key": chance.often(90) ? this.#world.keys.at(-1)! : chance.one(this.#world.keys) }),
      ...(operation.id === "acknowledgeEvent" && this.#world.signed(id, body ?? "")),
    };
  }
}

/** What the document says in words only, so that a good request is one that is granted. */
function fitted(operation: string, value: unknown, destination: () => string): unknown {
  if (!isObject(value)) return value;
  if (operation === "redriveEvents") {
    const filter =
      isObject(value.filter) && Object.keys(value.filter).length > 0 ? value.filter : { type: "report.due" };
    return { ...value, filter };
  }
  if (operation === "acknowledgeEvent") return { ...value, attempt: 1 };
  if (operation === "changeDestination") return value.url === null ? without(value, ["url"]) : value;
  if (/^(create|put|change|import)Schedule/.test(operation)) {
    const nulls = ["type", "timeZone", "when", "destination", "destinationId"].filter((name) => value[name] === null);
    const rest = without(value, [...nulls, ...("destination" in value ? ["destinationId"] : [])]);
    const aimed = operation === "changeSchedule" || "destination" in rest || "destinationId" in rest;
    return aimed ? rest : { ...rest, destinationId: destination() };
  }
  return value;
}

function without(value: Json, names: readonly string[]): Json {
  return Object.fromEntries(Object.entries(value).filter(([name]) => !names.includes(name)));
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Queries are text: what is JSON of its own there stays small. */
function plain(value: unknown): unknown {
  const text = written(value);
  return text.length > 4_000 ? { long: text.slice(0, 9_000) } : value;
}

function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

/** What a part of the path is. */
function schemaIn({ parameters }: Described, name: string): Schema {
  return parameters.find((one) => one.in === "path" && one.name === name)?.schema ?? { type: "string" };
}
