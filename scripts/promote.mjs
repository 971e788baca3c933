/*
 * Tells a stack's file what was built once, so that each environment gets the same.
 *
 *   npm run promote -- --stack gcp-dev --to REGISTRY/punctual
 *
 * The archives of functions are those of `artifacts/`. Where a stack runs images, image.tar is pushed, and the file names it by
 * the digest that the registry gives it. Pushed again it is the same.
 */
import { createReadStream } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import { parseDocument } from "yaml";
import { readManifest, run, tagOf } from "./image.mjs";

const root = resolve(import.meta.dirname, "..");

/** Where in the file of a stack its image stands; those on functions alone have none. */
export function imagePathOf(cloud, settings) {
  if (cloud === "gcp") return ["config", "punctual:gcp", "image"];
  return settings.hasIn(["config", "punctual:aws", "images"])
    ? ["config", "punctual:aws", "images", "punctual"]
    : undefined;
}

/** What a registry takes as proof of who this is, by the program of each cloud. */
const LOGINS = {
  aws: { user: "AWS", password: ["aws", ["ecr", "get-login-password"]] },
  gcp: { user: "oauth2accesstoken", password: ["gcloud", ["auth", "print-access-token"]] },
};

export async function promote({ stack, to, artifacts = "artifacts", image = "image.tar", home = root }) {
  const [cloud] = stack.split("-");
  if (!(cloud in LOGINS)) throw new Error(`${stack} is of no cloud that is known: ${Object.keys(LOGINS).join(", ")}`);
  const manifest = await readManifest(artifacts);
  const file = join(home, "stacks/config", `Pulumi.${stack}.yaml`);
  const settings = parseDocument(await readFile(file, "utf8"));
  if (cloud === "aws") {
    // Paths are seen from stacks/, where the program is.
    const folder = relative(join(home, "stacks"), resolve(artifacts, "lambda"));
    settings.setIn(["config", "punctual:aws", "artifacts"], { folder });
  }
  const path = imagePathOf(cloud, settings);
  if (path !== undefined) {
    if (!to) throw new Error(`${stack} runs an image: --to says which repository it is pushed to`);
    settings.setIn(path, await pushed(cloud, manifest, image, to));
  }
  await writeFile(file, settings.toString({ lineWidth: 0, flowCollectionPadding: false }));
  return path === undefined ? undefined : settings.getIn(path);
}

/** The image by its digest. */
async function pushed(cloud, manifest, image, to) {
  const { user, password } = LOGINS[cloud];
  const host = to.split("/")[0];
  const proof = await run(...password, { quiet: true });
  await run("docker", ["login", "--username", user, "--password-stdin", host], { input: [proof.trim()] });
  await run("docker", ["load"], { input: createReadStream(image) });
  const name = `${to}:${manifest.commit}`;
  await run("docker", ["tag", tagOf(manifest), name]);
  await run("docker", ["push", name]);
  const known = JSON.parse(
    await run("docker", ["image", "inspect", "--format", "{{json .RepoDigests}}", name], { quiet: true }),
  );
  const digest = known.find((one) => one.startsWith(`${to}@sha256:`));
  if (digest === undefined) throw new Error(`${to} has given ${name} no digest`);
  return digest;
}

if (process.argv[1] === import.meta.filename) {
  const text = { type: "string" };
  const { values } = parseArgs({ options: { stack: text, to: text, artifacts: text, image: text } });
  try {
    if (!values.stack) throw new Error("npm run promote -- --stack NAME [--to REPOSITORY]");
    const image = await promote(values);
    console.log(`${values.stack} has what ${values.artifacts ?? "artifacts"} holds${image ? `, and ${image}` : ""}`);
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
