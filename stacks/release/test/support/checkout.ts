import { createHash } from "node:crypto";
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { stringify } from "yaml";

/** Of each workload, what its revisions have. */
export type Cloud = Record<string, readonly { readonly revision: string; readonly percent: number }[]>;

export interface Settings {
  readonly config: {
    readonly "punctual:gcp"?: {
      traffic?: Record<string, { stable: string; percent: number }>;
      readonly project: string;
    };
  };
}

export const COMMIT = "c".repeat(40);
export const STACK = "gcp-staging";

const where = { kind: "cloud-run", project: "acme-punctual", location: "europe-west1" };
export const outputsAt = (version: string) => ({
  api: "https://punctual.example.com",
  releases: ["scheduler", "worker", "api"].map((workload) => ({
    ...{ workload, ...where },
    service: `punctual-staging-${workload}`,
    revision: `punctual-staging-${workload}-${version}`,
  })),
});

const OF_GOOGLE = {
  "punctual:environment": "staging",
  "punctual:gcp": { project: "acme-punctual", region: "europe-west1" },
};

/** A folder as a checkout of the project is, with a `pulumi` of its own. */
export async function checkout(stack = STACK, settings: object = OF_GOOGLE) {
  const root = await mkdtemp(path.join(tmpdir(), "release-"));
  const put = async (name: string, content: unknown) => {
    const file = path.join(root, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, typeof content === "string" ? content : JSON.stringify(content));
  };
  const get = async (name: string) => readFile(path.join(root, name), "utf8");
  const fake = fileURLToPath(new URL("fake-pulumi.js", import.meta.url));
  await put("pulumi", `#!/bin/sh\nexec '${process.execPath}' '${fake}' "$@"\n`);
  await chmod(path.join(root, "pulumi"), 0o755);
  await put(`stacks/config/Pulumi.${stack}.yaml`, stringify({ config: settings }));
  await put("faults.json", {});
  await put("calls.jsonl", "");
  await put("outputs.json", {});
  await put("cloud.json", {});
  await put("next.json", outputsAt("1"));
  await putArtifacts(put, COMMIT);
  return {
    ...{ root, put, get },
    pulumi: path.join(root, "pulumi"),
    calls: async () =>
      (await get("calls.jsonl"))
        .split("\n")
        .filter(Boolean)
        .map((line) => JSON.parse(line) as readonly string[]),
    shares: async () => JSON.parse(await get("cloud.json")) as Cloud,
    remove: async () => rm(root, { recursive: true, force: true }),
  };
}

export type Checkout = Awaited<ReturnType<typeof checkout>>;

/** What `npm run build:artifacts` leaves, in short. */
export async function putArtifacts(put: (name: string, content: unknown) => Promise<void>, commit: string) {
  const made = (file: string, content: string) => ({
    file,
    sha256: createHash("sha256").update(content).digest("hex"),
    bytes: Buffer.byteLength(content),
  });
  await put("artifacts/lambda/worker.zip", "worker");
  await put("artifacts/image-context.tar", "image");
  await put("artifacts/artifacts.json", {
    commit,
    functions: { worker: made("lambda/worker.zip", "worker") },
    image: made("image-context.tar", "image"),
  });
}
