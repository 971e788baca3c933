import { parseStackName } from "@punctual/stack-blueprint";
import { randomBytes } from "node:crypto";
import { isOver } from "../journal.js";
import { type Order, USUAL } from "../order.js";
import { Refused } from "../refusals.js";
import { type Outcome, Release } from "../release.js";
import { rollBack } from "../rollback.js";
import type { World } from "../world.js";
import { type Asked, read } from "./asked.js";
import { AT_ONCE, dryRunOf, toldUpdate, type Up } from "./dry-run.js";
import { HELP } from "./help.js";
import { type Scene, sceneOf, type Surroundings } from "./scene.js";

/** What a process ends with. */
export const EXIT = { done: 0, takenBack: 1, refused: 2, lost: 3 } as const;

export async function run(args: readonly string[], around: Surroundings): Promise<number> {
  const tell = (line: string) => around.print(`${line}\n`);
  const reading = read(args, (name) => parseStackName(name, Object.keys(around.clouds)));
  switch (reading.kind) {
    case "help":
      tell(HELP);
      return EXIT.done;
    case "wrong":
      tell([...reading.wrong, "", HELP].join("\n"));
      return EXIT.refused;
    case "asked":
      return carryOut(reading.asked, around, tell);
  }
}

type Tell = (line: string) => void;

async function carryOut(asked: Asked, around: Surroundings, tell: Tell): Promise<number> {
  try {
    return await done(asked, await sceneOf(asked, around), tell);
  } catch (error) {
    tell(error instanceof Error ? error.message : String(error));
    if (error instanceof Refused) return EXIT.refused;
    if (changes(asked)) tell(howToGoOn(asked));
    return EXIT.lost;
  }
}

async function done(asked: Asked, scene: Scene, tell: Tell): Promise<number> {
  const { stack } = asked;
  const { platform, world, checkout } = scene;
  switch (asked.command) {
    case "plan":
      await platform.plan(await checkout.head());
      tell(`The plan of ${stack} is made: look at it, and \`npm run release -- deploy --stack ${stack}\``);
      return EXIT.done;
    case "verify":
      return verified(scene, tell);
    case "deploy":
    case "shift":
      return told(asked, await released(asked, scene, tell), tell);
    case "rollback": {
      await demandCommit(asked, scene);
      const [there, timing] = asked.dryRun ? [dryRunOf(world, installedAlready(scene), tell), AT_ONCE] : [world, USUAL];
      return told(asked, await rollBack({ stack, timing }, asked.because, there, tell), tell);
    }
  }
}

async function released(asked: Asked, scene: Scene, tell: Tell): Promise<Outcome> {
  const { stack, approvedBy, contract, despiteAlarms, dryRun } = asked;
  const { release, commit } = await begun(asked, scene);
  const order: Order = {
    ...{ stack, commit, release, contract, despiteAlarms },
    ...(approvedBy !== undefined && { approvedBy }),
    timing: dryRun ? AT_ONCE : USUAL,
  };
  tell(`release ${release} of ${commit} to ${stack}`);
  const world = asked.command === "shift" ? behindUpdate(scene) : scene.world;
  if (!dryRun) return new Release(order, world, tell).run();
  const up = asked.command === "shift" ? installedAlready(scene) : toldUpdate(async () => scene.platform.found(), tell);
  return new Release(order, dryRunOf(world, up, tell), tell).run();
}

/** What was begun and is gone on with, or a release of what is checked out. */
async function begun(asked: Asked, scene: Scene): Promise<{ readonly release: string; readonly commit: string }> {
  const head = await scene.checkout.head();
  if (!asked.resume) {
    const at = new Date().toISOString().replace(/[-:]|\.\d+/g, "");
    return { release: `${at}-${head.slice(0, 7)}-${randomBytes(2).toString("hex")}`, commit: head };
  }
  const last = (await scene.world.journal.read(asked.stack)).entries.at(-1);
  if (last === undefined || isOver(last))
    throw new Refused(asked.stack, ["nothing is under way that could be gone on with"]);
  await demandCommit(asked, scene, true);
  return last;
}

/** An update of the stack is made by the program that is checked out: of another commit it would bring along whatever that says. */
async function demandCommit(asked: Asked, { world, checkout, movesByUpdates }: Scene, always = false): Promise<void> {
  if (!always && !movesByUpdates) return;
  const last = (await world.journal.read(asked.stack)).entries.at(-1);
  const head = await checkout.head();
  if (last === undefined || last.commit === head) return;
  throw new Refused(asked.stack, [
    `release ${last.release} is of ${last.commit}, and ${head} is checked out: \`git checkout ${last.commit}\` first`,
  ]);
}

/** Somebody else has updated the stack: everything behind that. */
function behindUpdate({ world, platform }: Scene): World {
  return { ...world, platform: { objections: async () => [], up: installedAlready({ platform }) } };
}

function installedAlready({ platform }: Pick<Scene, "platform">): Up {
  return async () => platform.installed();
}

async function verified({ world, platform }: Scene, tell: Tell): Promise<number> {
  const { api } = await platform.installed();
  const verdicts = await Promise.all([world.smoke.run(api), world.judge.verdict([])]);
  const wrong = verdicts.flatMap((verdict) => (verdict.ok ? [] : [verdict.because]));
  tell(wrong.length === 0 ? `${api} is as it should be` : [`${api} is not as it should be:`, ...wrong].join("\n  - "));
  return wrong.length === 0 ? EXIT.done : EXIT.takenBack;
}

function told({ stack, command, dryRun }: Asked, outcome: Outcome, tell: Tell): number {
  if (dryRun) {
    tell("nothing was changed");
    return EXIT.done;
  }
  switch (outcome.kind) {
    case "released":
      tell(`${stack} is released`);
      return EXIT.done;
    case "taken-back":
      tell(`${stack} is taken back: ${outcome.because}`);
      return command === "rollback" ? EXIT.done : EXIT.takenBack;
  }
}

function changes({ command, dryRun }: Asked): boolean {
  return !dryRun && (command === "deploy" || command === "shift" || command === "rollback");
}

function howToGoOn({ command, stack, journal }: Asked): string {
  const where = journal === undefined ? "" : ` --journal ${journal}`;
  const back = `npm run release -- rollback --stack ${stack}${where}`;
  if (command === "rollback") return `It can be gone on with: ${back}`;
  return `It can be gone on with: npm run release -- ${command} --resume --stack ${stack}${where}\nor taken back: ${back}`;
}
