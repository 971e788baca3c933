import type { World } from "@punctual/stack-testkit";

const PROJECT = "acme-punctual-dev";

type Given = Readonly<Record<string, unknown>>;

const text = (given: Given, name: string) => {
  const value = given[name];
  return typeof value === "string" ? value : "";
};

/** What Google says of what was made. */
const SAID: Readonly<Record<string, (name: string, given: Given) => Given>> = {
  "gcp:serviceaccount/account:Account": (_, given) => ({
    email: `${text(given, "accountId")}@${PROJECT}.iam.gserviceaccount.com`,
  }),
  "gcp:cloudrunv2/service:Service": (_, given) => ({ uri: `https://${text(given, "name")}-abc-ew.a.run.app` }),
  "gcp:sql/databaseInstance:DatabaseInstance": () => ({ privateIpAddress: "10.90.0.3" }),
  "gcp:compute/globalAddress:GlobalAddress": () => ({ address: "10.90.0.0" }),
  "gcp:secretmanager/secretVersion:SecretVersion": () => ({ version: "1" }),
  "gcp:monitoring/uptimeCheckConfig:UptimeCheckConfig": (name) => ({ uptimeCheckId: name }),
  "random:index/randomBytes:RandomBytes": () => ({ base64: "A".repeat(43) + "=" }),
};

export const googleWorld: World = {
  outputs: ({ type, name, inputs }) => ({
    ...(inputs["name"] === undefined && { name: `${name}-1a2b3c4` }),
    ...SAID[type]?.(name, inputs),
  }),
  call: (token) => {
    throw new Error(`nothing asks for ${token}`);
  },
};
