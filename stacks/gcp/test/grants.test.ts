import type { Graph, Planned } from "@punctual/stack-testkit";
import { expect } from "chai";
import { workloadsOn } from "../src/differences.js";
import { type Grant, grantsOf } from "../src/grants.js";
import { type Asked, blueprintIn, platformIn, settingsIn } from "./support/platform.js";

const ACCOUNT = /^serviceAccount:punctual-\w+-([a-z]+)@/;
const OLDER = "projects/acme/locations/eu/keyRings/old/cryptoKeys/first";

const isMember = ({ type }: Planned) => /I[aA][mM]Member$/.test(type);

/** What a member has a role on, without what is the same in all of them. */
function target({ inputs }: Planned): string {
  const names = ["topic", "secretId", "cryptoKeyId", "subscription", "serviceAccountId", "name", "bucket"].map(
    (input) => inputs[input],
  );
  const on = names.find((one) => typeof one === "string") ?? "project";
  return on.replace(/^punctual-(dev|production)-/, "");
}

function granted(graph: Graph): Readonly<Record<string, readonly string[]>> {
  const found: Record<string, string[]> = {};
  for (const member of graph.resources.filter(isMember)) {
    const [, account] = ACCOUNT.exec(String(member.inputs["member"])) ?? [];
    if (account === undefined) continue;
    (found[account] ??= []).push(`${String(member.inputs["role"]).replace("roles/", "")} on ${target(member)}`);
  }
  return Object.fromEntries(Object.entries(found).map(([account, roles]) => [account, roles.toSorted()]));
}

describe("What workloads may do on Google Cloud", () => {
  it("is what their needs come to, with a queue between", async () => {
    expect(granted(await platformIn({ own: { olderSealingKeys: [OLDER] } }))).to.deep.equal({
      api: [
        "cloudkms.cryptoKeyDecrypter on " + OLDER,
        "cloudkms.cryptoKeyEncrypterDecrypter on keys-sealing-id",
        "cloudsql.instanceUser on project",
        "secretmanager.secretAccessor on auth",
        "secretmanager.secretAccessor on keys",
      ],
      callers: ["run.invoker on dead-letters", "run.invoker on scheduler", "run.invoker on worker"],
      dead: [
        "cloudsql.instanceUser on project",
        "pubsub.publisher on unreadable",
        "secretmanager.secretAccessor on keys",
      ],
      migrate: ["cloudsql.instanceUser on project"],
      scheduler: [
        "cloudsql.instanceUser on project",
        "pubsub.publisher on events",
        "secretmanager.secretAccessor on keys",
      ],
      worker: [
        "cloudkms.cryptoKeyDecrypter on keys-sealing-id",
        "cloudkms.cryptoKeyDecrypter on " + OLDER,
        "cloudsql.instanceUser on project",
        "pubsub.publisher on dead-letters",
        "secretmanager.secretAccessor on keys",
      ],
    });
  });

  it("is what their needs come to in a single stage, and lets those with a collector send what it takes", async () => {
    expect(granted(await platformIn({ environment: "production", raw: { scheduler: "single-stage" } }))).to.deep.equal({
      api: [
        "cloudkms.cryptoKeyEncrypterDecrypter on keys-sealing-id",
        "cloudsql.instanceUser on project",
        "secretmanager.secretAccessor on auth",
        "secretmanager.secretAccessor on keys",
        "telemetry.writer on project",
      ],
      callers: ["run.invoker on scheduler"],
      migrate: ["cloudsql.instanceUser on project"],
      scheduler: [
        "cloudkms.cryptoKeyDecrypter on keys-sealing-id",
        "cloudsql.instanceUser on project",
        "telemetry.writer on project",
      ],
    });
  });

  it("is what their needs come to where workers run on, with nobody who calls", async () => {
    const some = [
      "cloudsql.instanceUser on project",
      "secretmanager.secretAccessor on keys",
      "telemetry.writer on project",
    ];

    expect(granted(await platformIn({ environment: "production", raw: { runtime: "containers" } }))).to.deep.equal({
      api: [...some, "secretmanager.secretAccessor on auth"].toSorted(),
      migrate: ["cloudsql.instanceUser on project"],
      worker: some,
    });
  });

  it("is told beforehand by the same table that gives it", () => {
    const plan = { own: settingsIn("dev"), blueprint: blueprintIn("dev") };
    const rolesOf = (wanted: string) =>
      workloadsOn(plan.blueprint)
        .filter(({ name }) => name === wanted)
        .flatMap((one) => grantsOf(one, plan))
        .map(({ role }: Grant) => role);

    expect(rolesOf("scheduler")).to.have.members([
      "roles/cloudsql.instanceUser",
      "roles/pubsub.publisher",
      "roles/secretmanager.secretAccessor",
    ]);
  });
});

const everywhere: readonly Asked[] = [
  {},
  { environment: "production" },
  { environment: "production", raw: { scheduler: "single-stage" } },
  { environment: "production", raw: { runtime: "containers" } },
];

describe("Permissions on Google Cloud", () => {
  it("are given one member at a time, so that nobody else's are taken away", async () => {
    for (const asked of everywhere) {
      const graph = await platformIn(asked);
      const others = graph.resources.filter(({ type }) => /I[aA][mM](Binding|Policy)$/.test(type));

      expect(others.map(({ urn }) => urn)).to.be.empty;
      expect(graph.resources.filter(isMember)).not.to.be.empty;
    }
  });

  it("hold no primitive role, and no administrator's", async () => {
    for (const asked of everywhere) {
      const roles = (await platformIn(asked)).resources.filter(isMember).map(({ inputs }) => String(inputs["role"]));

      expect(roles.filter((role) => /^roles\/(owner|editor|viewer)$|admin/i.test(role))).to.be.empty;
    }
  });

  it("let everybody call the API, and nothing else", async () => {
    for (const asked of everywhere) {
      const open = (await platformIn(asked)).resources.filter(({ inputs }) => /^all/.test(String(inputs["member"])));

      expect(open.map(({ inputs }) => [inputs["role"], target({ inputs } as Planned)])).to.deep.equal([
        ["roles/run.invoker", "api"],
      ]);
    }
  });

  it("let everybody read the pages of a console, where there is one", async () => {
    const graph = await platformIn({ environment: "production", own: { console: true } });
    const open = graph.resources.filter(({ inputs }) => inputs["member"] === "allUsers");

    expect(open.map(({ inputs }) => inputs["role"])).to.have.members([
      "roles/run.invoker",
      "roles/storage.legacyObjectReader",
    ]);
  });

  it("let Pub/Sub push with tokens, and give messages up: publish dead letters, and take from the queue", async () => {
    const agent = "serviceAccount:service-111111111111@gcp-sa-pubsub.iam.gserviceaccount.com";
    const members = (await platformIn()).resources.filter(({ inputs }) => inputs["member"] === agent);

    expect(members.map((one) => `${String(one.inputs["role"])} on ${target(one)}`)).to.have.members([
      "roles/cloudkms.cryptoKeyEncrypterDecrypter on keys-shared-id",
      "roles/iam.serviceAccountTokenCreator on accounts-callers-1a2b3c4",
      "roles/pubsub.publisher on dead-letters",
      "roles/pubsub.subscriber on events",
    ]);
  });

  it("let each of Google's services use the key of what it keeps, before it is asked to", async () => {
    const graph = await platformIn({ environment: "production" });
    const agents = graph
      .all("gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember")
      .filter(({ inputs }) => String(inputs["member"]).includes("@gcp-sa-"))
      .map((one) => [target(one), /gcp-sa-([\w-]+)/.exec(String(one.inputs["member"]))?.[1]]);
    const instance = graph.one("gcp:sql/databaseInstance:DatabaseInstance");

    expect(agents).to.have.deep.members([
      ["keys-data-id", "cloud-sql"],
      ["keys-messages-id", "pubsub"],
      ["keys-secrets-id", "secretmanager"],
    ]);
    const allowed = graph.one("gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember", "punctual-production-keys-data-agent");
    expect(graph.dependsOn(instance, allowed)).to.be.true;
    expect(graph.dependsOn(allowed, graph.one("gcp:projects/serviceIdentity:ServiceIdentity", allowed.name))).to.be
      .true;
  });
});
