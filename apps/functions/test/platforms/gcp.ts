import { REASON } from "@punctual/adapter-sdk";
import { pubsubFor } from "../support/carried.js";
import type { Installation } from "../support/installation.js";
import { CONCURRENCY, openProject, type Project } from "../support/project.js";
import { sleep } from "../support/sleep.js";
import type { Demand } from "../support/outcome.js";
import type { Platform, PlatformOptions } from "./platform.js";
import { spoiltIn } from "./spoilt.js";

/** Pub/Sub and Cloud Run: services behind their addresses, that are pushed to by who shows a token. */
export async function onGcp({ workers, hiddenSeconds, scheduler }: PlatformOptions): Promise<Platform> {
  const pushes = new Pushes();
  const onAnswer = (body: string, status: number) => pushes.note(body, status);
  const project = await openProject({ workers, env: scheduler, onAnswer });
  const { installation, services, lines, ask } = project;
  const { server, topics, ...carried } = await pubsubFor(project, { hiddenSeconds });
  return {
    ...{ name: "gcp", lines, places: CONCURRENCY, ask },
    ...{ rows: installation.rows, envelopes: installation.envelopes },
    // It comes back as Google's emulator does: with nothing.
    carrier: {
      kill: async () => server.lose(),
      start: async () => {
        await server.resume();
        await topics.restore();
      },
    },
    put: async (text) => topics.send(text),
    work: async () => undefined,
    turn: async () => void (await project.tick()),
    killWorker: () => services.worker.killOne(),
    killScheduler: () => services.scheduler.killOne(),
    aside: async () =>
      [...topics.kept.seen.values()].map(({ body, attributes }) => ({ body, reason: attributes[REASON] ?? "none" })),
    deadLetters: async () => server.depthOf(topics.deadLetterSubscription),
    demands: async () => [
      await pushes.demand(installation),
      await intruded(project, () => topics.kept.seen.size + topics.letters.seen.size),
    ],
    close: async () => {
      await project.close();
      await carried.close();
    },
  };
}

/** Who may not push is refused, and nothing comes of it: a text that nobody can read would be set aside. */
async function intruded(project: Project, touched: () => number): Promise<Demand> {
  const before = touched();
  const answers = await project.intrude("garbage of an intruder");
  await sleep(1_000);
  const statuses = Object.values(answers);
  return {
    what: "pushes of those who may not are refused, and touch nothing",
    seen: `${Object.entries(answers)
      .map(([who, status]) => `${who} ${status}`)
      .join(", ")}; ${touched() - before} touched`,
    held: statuses.every((status) => [401, 403].includes(status)) && statuses.length === 5 && touched() === before,
  };
}

/** What was answered to pushes of messages. */
class Pushes {
  #all = 0;
  readonly #refused: string[] = [];

  note(body: string, status: number): void {
    if (body === "") return;
    this.#all++;
    if (status >= 300) this.#refused.push(body);
  }

  async demand(installation: Installation): Promise<Demand> {
    const spoilt = await spoiltIn(installation);
    const refused = this.#refused.flatMap((body) => {
      const { message } = JSON.parse(body) as { readonly message: { readonly data?: string } };
      const opened = installation.envelopes.open(Buffer.from(message.data ?? "", "base64").toString());
      return "message" in opened ? [opened.message.eventId] : [];
    });
    const without = refused.filter((id) => !spoilt.has(id)).length;
    return {
      what: "pushes: only messages whose event could not be begun were refused",
      seen: `${without} without cause, ${refused.length - without} with, of ${this.#all}`,
      held: without === 0 && refused.length > 20,
    };
  }
}
