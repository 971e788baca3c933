import { expect } from "chai";
import { refusalsOf } from "../support/migrations/judge.js";
import { told } from "../support/migrations/told.js";

const expand = (...statements: readonly string[]) => refusalsOf({ kind: "expand", statements });

describe("what a migration says of itself", () => {
  const refused = [
    "drop table users",
    "DROP INDEX CONCURRENTLY users_list",
    "alter table users drop column user_id",
    "alter table users\n  add column a text,\n  drop column b",
    "alter table users rename to people",
    "alter table users rename column a to b",
    "alter table users alter column a set not null",
    "alter table users alter a type bigint",
    "alter table users alter column a set data type bigint",
    "alter table users alter column a drop default",
    "alter table users add column a text not null",
    "alter table users add constraint right_ones check (a > 0) not valid",
    "alter table users add foreign key (a) references b (id)",
    "create unique index concurrently users_a on users (a)",
    "create index users_a on users (a)",
    "alter table users add column a int generated always as (b + 1) stored",
    "alter table users add column a uuid default gen_random_uuid()",
    "update users set a = 1",
    "delete from users",
    "truncate users",
    "revoke select on users from somebody",
    "do $$ begin execute 'x'; end $$",
    "update schema_version set version = 2, oldest_program = 2",
  ];
  for (const statement of refused)
    it(`is refused if it says expand and does: ${statement.replaceAll(/\s+/g, " ")}`, () => {
      const refusals = expand(statement);
      expect(refusals).to.have.length(1);
      expect(refusals[0]).to.contain(statement.toLowerCase().split(/\s/)[0] ?? "");
      expect(refusalsOf({ kind: "contract", statements: [statement] })).to.deep.equal([]);
    });

  const fine = [
    "create table a (id uuid primary key, b text not null)",
    "create index concurrently users_a on users (a)",
    "alter table users add column a text",
    "alter table users add column a json not null default '[]', add column b timestamptz default now()",
    "alter table users add column a numeric(3, 1), alter column b drop not null",
    "comment on table users is 'drop table users'",
    "-- drop table users\ncreate view a as select id from users",
    "update schema_version set version = 4",
  ];
  for (const statement of fine)
    it(`is taken at its word if it says expand and does: ${statement.replaceAll(/\s+/g, " ")}`, () => {
      expect(expand(statement)).to.deep.equal([]);
    });

  it("may do to its own tables what it likes", () => {
    expect(expand("create table a (id uuid)", "create unique index a_id on a (id)")).to.deep.equal([]);
  });

  it("may block what it names, and nothing else", () => {
    const statements = ["create index users_a on users (a)"];
    expect(refusalsOf({ kind: "expand", blocks: ["users"], statements })).to.deep.equal([]);
    expect(refusalsOf({ kind: "expand", blocks: ["events"], statements })).to.have.length(1);
  });

  it("is true of ours", () => {
    const wrong = told().flatMap(({ name, ...judged }) => refusalsOf(judged).map((refusal) => `${name} ${refusal}`));
    expect(wrong).to.deep.equal([]);
    expect(told().every(({ statements }) => statements.length > 0)).to.equal(true);
  });
});
