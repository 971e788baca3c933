import { expect } from "chai";
import { gcpWorld } from "../../src/worlds/index.js";

const world = gcpWorld({ project: "acme-shop", projectNumber: "222222222222", region: "europe-west3" });
const outputs = (type: string, inputs: Record<string, unknown> = {}) => world.outputs({ type, name: "worker", inputs });

describe("The world of Google Cloud", () => {
  it("gives an account of a service its address", () => {
    const made = outputs("gcp:serviceaccount/account:Account", { accountId: "shop-worker" });

    expect(made).to.deep.include({
      email: "shop-worker@acme-shop.iam.gserviceaccount.com",
      member: "serviceAccount:shop-worker@acme-shop.iam.gserviceaccount.com",
      name: "projects/acme-shop/serviceAccounts/shop-worker@acme-shop.iam.gserviceaccount.com",
    });
    expect(made["uniqueId"]).to.match(/^1\d{20}$/);
  });

  it("gives a service its address, and an id in its place", () => {
    expect(outputs("gcp:cloudrunv2/service:Service", { name: "shop-worker" })).to.deep.include({
      uri: "https://shop-worker-abc123-ew.a.run.app",
      id: "projects/acme-shop/locations/europe-west3/services/shop-worker",
    });
    expect(
      outputs("gcp:cloudrunv2/service:Service", { name: "a", location: "europe-west1", project: "other" })["id"],
    ).to.equal("projects/other/locations/europe-west1/services/a");
  });

  it("gives topics, secrets and networks ids that hold their names", () => {
    expect(outputs("gcp:pubsub/topic:Topic", { name: "events" })).to.deep.include({
      ...{ id: "projects/acme-shop/topics/events", name: "events" },
    });
    expect(outputs("gcp:secretmanager/secret:Secret", { secretId: "keys" })).to.deep.include({
      ...{ id: "projects/acme-shop/secrets/keys", name: "projects/222222222222/secrets/keys", secretId: "keys" },
    });
    expect(outputs("gcp:compute/network:Network", { name: "vpc" })["selfLink"]).to.equal(
      "https://www.googleapis.com/compute/v1/projects/acme-shop/global/networks/vpc",
    );
    expect(outputs("gcp:pubsub/topic:Topic")["name"]).to.match(/^worker-[\da-f]{7}$/);
  });

  it("gives a database the name that connections are made by", () => {
    expect(outputs("gcp:sql/databaseInstance:DatabaseInstance", { name: "shop" })["connectionName"]).to.equal(
      "acme-shop:europe-west3:shop",
    );
  });

  it("gives Google's own accounts the number of the project", () => {
    expect(
      outputs("gcp:projects/serviceIdentity:ServiceIdentity", { service: "pubsub.googleapis.com" })["email"],
    ).to.equal("service-222222222222@gcp-sa-pubsub.iam.gserviceaccount.com");
  });

  it("answers which project it is, and refuses what it has no answer for", () => {
    expect(world.call("gcp:organizations/getProject:getProject", {})["number"]).to.equal("222222222222");
    expect(() => world.call("gcp:compute/getZones:getZones", {})).to.throw(
      RangeError,
      "no answer for gcp:compute/getZones",
    );
  });
});
