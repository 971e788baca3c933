import Koa from "koa";
import { randomUUID } from "node:crypto";
import { text } from "node:stream/consumers";
import pg from "pg";
import { listening } from "./listening.js";
import { ordersOf } from "./orders.js";
import { serve } from "./serve.js";

export interface ApiBareOrders {
  readonly database: string;
  readonly poolSize: number;
}

const { database, poolSize } = ordersOf<ApiBareOrders>();
const pool = new pg.Pool({ connectionString: database, max: poolSize });

const CREATE =
  "create table bare (id uuid primary key, type text not null, body jsonb not null, made timestamptz not null)";
const INSERT = "insert into bare (id, type, body, made) values ($1, $2, $3, now()) returning id, type, body, made";
const SELECT = "select id, type, body, made from bare where id = $1";
const LIST = "select id, type, body, made from bare order by id limit $1";

/** A route, a statement that is prepared, and nothing else. */
const app = new Koa();
app.use(async (context) => {
  if (context.method === "POST") {
    const body = await text(context.req);
    const { type } = JSON.parse(body) as { readonly type: string };
    const { rows } = await pool.query<object>({ name: "insert", text: INSERT, values: [randomUUID(), type, body] });
    context.status = 201;
    context.body = rows[0];
    return;
  }
  const id = /^\/v1\/schedules\/(.+)$/.exec(context.path)?.[1];
  if (id === undefined) {
    const { rows } = await pool.query<object>({ name: "list", text: LIST, values: [Number(context.query.limit)] });
    context.body = { items: rows };
    return;
  }
  context.body = (await pool.query<object>({ name: "select", text: SELECT, values: [id] })).rows[0];
});

const skills = {
  listen: async (): Promise<string> => {
    await pool.query(CREATE);
    return listening(app);
  },
};
export type ApiBare = typeof skills;

serve(skills);
