/*
 * What pipelines say: their stages in order, the commands of each, and when each of them runs. Both dialects are read into the
 * same table. Only what this repository writes is understood; anything else is an error and not a guess.
 */
import { readdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parse } from "yaml";

export const root = resolve(import.meta.dirname, "../../..");

export async function readGithub() {
  const files = await readdir(join(root, ".github"), { recursive: true });
  const texts = files
    .filter((file) => file.endsWith(".yml"))
    .map(async (file) => [file, await textOf(`.github/${file}`)]);
  return Object.fromEntries(await Promise.all(texts));
}

export const textOf = (file) => readFile(join(root, file), "utf8");

/** As GitHub writes it. */
export const expression = (text) => `\${{ ${text} }}`;

/** What counts of a stage: targets of the repository, and questions to git. */
const commandsIn = (script) =>
  script
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => /^(npm run|git merge-base) /.test(line));

export const stepsOf = (workflow) => Object.values(workflow.jobs).flatMap(({ steps = [] }) => steps);

const commandsOf = ({ steps }) => steps.flatMap(({ run = "" }) => commandsIn(run));

/** Stages by GitHub's workflows: those of ci.yml, then what deploy.yml has of each environment. */
export function githubStages(files) {
  const [ci, deploy, stack] = ["ci", "deploy", "stack"].map((name) => parse(files[`workflows/${name}.yml`]));
  const stages = Object.entries(ci.jobs).map(([id, job]) => ({
    stage: job.name ?? id,
    job: "ci",
    commands: commandsOf(job),
  }));
  for (const [id, job] of Object.entries(deploy.jobs)) {
    if (job.uses?.endsWith("/ci.yml")) continue;
    if (job.uses === undefined) {
      stages.push({ stage: id, job: id, commands: commandsOf(job) });
      continue;
    }
    const { environment } = job.with;
    for (const [part, { environment: gate, ...its }] of Object.entries(stack.jobs)) {
      if (gate !== expression("inputs.environment")) throw new Error(`stack.yml: ${part} is in no environment`);
      const isGated = environment === "production" && part === "deploy";
      stages.push({ stage: `${environment} ${part}`, job: id, isGated, commands: commandsOf(its) });
    }
  }
  return stages.map((stage) => ({ isGated: false, ...stage }));
}

/** A row for docs/pipelines.md: what is called, without what it is told of a stack. */
export const rowOf = ({ stage, commands }) => [
  stage,
  commands
    .map((command) => `\`${command.replace(/^npm run /, "").replace(/( --)? --(stack|url) .*| >.*/, "")}\``)
    .join(", "),
];

/** Which of GitHub's stages run in a situation, where none fails but those that are said to. */
export function githubRuns(files, { event, ref, failing = [] }) {
  const deploy = parse(files["workflows/deploy.yml"]);
  const results = { ci: failing.includes("ci") ? "failure" : "success" };
  if (startsOn(deploy.on, event, ref)) {
    for (const [id, job] of Object.entries(deploy.jobs).filter(([id]) => id !== "ci")) {
      results[id] = !runs(job, { event, ref, results }) ? "skipped" : failing.includes(id) ? "failure" : "success";
    }
  } else if (!startsOn(parse(files["workflows/ci.yml"]).on, event, ref)) {
    return [];
  }
  return githubStages(files).filter(({ job }) => ["success", "failure"].includes(results[job]));
}

function startsOn(on, event, ref) {
  const trigger = on[event];
  if (trigger === undefined) return false;
  if (event !== "push") return true;
  const [, kind, name] = /^refs\/(heads|tags)\/(.*)$/.exec(ref);
  const { branches, tags, "branches-ignore": ignored } = trigger;
  if (kind === "tags") return tags?.some((one) => matches(one, name)) ?? false;
  return branches?.some((one) => matches(one, name)) ?? !ignored.includes(name);
}

const matches = (pattern, name) => (pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : name === pattern);

/** An expression of GitHub's is one of JavaScript's, as far as it is used here. */
function runs({ if: condition = "success()", needs }, { event, ref, results }) {
  const text = condition.replace(/^\$\{\{(.*)\}\}$/, "$1");
  const isGood = needs.every((need) => results[need] === "success");
  const known = {
    github: { ref, event_name: event },
    needs: Object.fromEntries(needs.map((need) => [need, { result: results[need] }])),
    startsWith: (one, other) => one.startsWith(other),
    success: () => isGood,
    cancelled: () => false,
  };
  const asked = new Function(...Object.keys(known), `return ${text.replaceAll("==", "===")}`)(...Object.values(known));
  // Unless a condition asks for the state itself, all that is needed must have gone well.
  return asked && (/\b(success|cancelled|failure|always)\(/.test(text) || isGood);
}

/** Stages by a Jenkinsfile. What a function runs is run where it is called. */
export function jenkinsStages(text) {
  const code = text.replaceAll(/^\s*\/\/.*$/gm, "");
  const functions = Object.fromEntries(
    blocksOf(code, /^def (\w+)\(.*\) \{/gm).map(({ name, body }) => [name, shellsIn(body)]),
  );
  return leavesOf(code.slice(code.indexOf("pipeline {")), []).map(({ name, body, whens }) => ({
    stage: name,
    whens,
    isGated: /\binput \{/.test(body),
    commands: [...body.matchAll(/\bsh '(.*)'|\{ (\w+)\(/g)].flatMap(([, shell, called]) =>
      shell === undefined ? (functions[called] ?? []) : commandsIn(shell),
    ),
  }));
}

const shellsIn = (body) =>
  [...body.matchAll(/\bsh (?:'''(.*?)'''|'([^\n]*)')/gs)].flatMap(([, long, short]) => commandsIn(long ?? short));

function leavesOf(code, outer) {
  return blocksOf(code, /\bstage\('([^']+)'\) \{/g).flatMap(({ name, body }) => {
    const inner = body.indexOf("stages {");
    const [when] = blocksOf(inner < 0 ? body : body.slice(0, inner), /\b(when) \{/g);
    const whens = when === undefined ? outer : [...outer, when.body];
    return inner < 0 ? [{ name, body, whens }] : leavesOf(body.slice(inner), whens);
  });
}

/** The outermost blocks that begin so, to the brace that closes each. */
function blocksOf(code, opening) {
  const found = [];
  for (let from = 0; ;) {
    opening.lastIndex = from;
    const match = opening.exec(code);
    if (match === null) return found;
    const begin = match.index + match[0].length;
    const end = closing(code, begin);
    found.push({ name: match[1], body: code.slice(begin, end) });
    from = end;
  }
}

function closing(code, from) {
  for (let at = from, depth = 1; at < code.length; at++) {
    if (code[at] === "{") depth++;
    if (code[at] === "}" && --depth === 0) return at;
  }
  throw new Error("a block that nothing closes");
}

/** Which of Jenkins' stages run: where one fails, none of those behind it. */
export function jenkinsRuns(text, situation) {
  return jenkinsStages(text).filter(({ whens }) => whens.every((when) => holds(when, situation)));
}

function holds(when, { event, ref }) {
  const [, kind, name] = /^refs\/(heads|tags)\/(.*)$/.exec(ref);
  const isDev = event === "workflow_dispatch";
  const questions = when
    .replace("beforeAgent true", "")
    .trim()
    .replaceAll(/branch '([^']+)'/g, (_, pattern) => String(kind === "heads" && matches(pattern, name)))
    .replaceAll(/tag '([^']+)'/g, (_, pattern) => String(kind === "tags" && matches(pattern, name)))
    .replaceAll(/expression \{ params\.DEV \}/g, String(isDev));
  return judged(questions);
}

function judged(text) {
  const left = text.trim();
  if (left === "true" || left === "false") return left === "true";
  const [, how, inner] = /^(anyOf|allOf|not) \{(.*)\}$/s.exec(left) ?? [];
  if (how === undefined) throw new Error(`when { ${left} } is not understood`);
  const parts = partsOf(inner).map(judged);
  return how === "anyOf" ? parts.includes(true) : how === "allOf" ? !parts.includes(false) : !parts[0];
}

/** Conditions that stand beside each other, by the semicolons that are in no inner block. */
function partsOf(text) {
  const parts = [""];
  let depth = 0;
  for (const char of text) {
    if (char === "{") depth++;
    if (char === "}") depth--;
    if (char === ";" && depth === 0) parts.push("");
    else parts[parts.length - 1] += char;
  }
  return parts;
}
