import { randomUUID } from "node:crypto";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { type Entry, type Journal, Overtaken, type Page } from "../journal.js";
import type { Pace } from "../world.js";
import type { AwsAccount } from "./account.js";
import { isNamed } from "./once.js";

export interface JournalPlace {
  readonly bucket: string;
  /** Before the names of stacks, with whatever parts them: `releases/`. */
  readonly prefix: string;
}

interface Kept {
  readonly entries: readonly Entry[];
  /** Of one write: two that say the same differ, and whoever wrote it knows it again. */
  readonly write: string;
}

/** How often S3 may say that another write is not through yet. */
const MOST = 5;
const PAUSE_MS = 500;

/** One object for each stack, written on the condition that it is the one that was read. */
export class S3Journal implements Journal {
  readonly #s3: S3Client;
  readonly #place: JournalPlace;
  readonly #pace: Pace;

  constructor(account: AwsAccount, place: JournalPlace, pace: Pace) {
    // A server at an address of its own has no names for its buckets.
    this.#s3 = new S3Client({ ...account, forcePathStyle: account.endpoint !== undefined });
    this.#place = place;
    this.#pace = pace;
  }

  async read(stack: string): Promise<Page> {
    const found = await this.#found(stack);
    return found === undefined
      ? { entries: [], revision: null }
      : { entries: found.kept.entries, revision: found.revision };
  }

  async write(stack: string, { entries, revision }: Page): Promise<string> {
    const kept: Kept = { entries, write: randomUUID() };
    for (let tries = 1; ; tries++) {
      try {
        const { ETag } = await this.#s3.send(
          new PutObjectCommand({
            ...this.#objectOf(stack),
            ...(revision === null ? { IfNoneMatch: "*" } : { IfMatch: revision }),
            Body: JSON.stringify(kept),
            ContentType: "application/json",
          }),
        );
        if (ETag === undefined) throw new Error(`S3 did not say what it made of the journal of ${stack}`);
        return ETag;
      } catch (error) {
        if (isNamed(error, "PreconditionFailed", "NoSuchKey")) return this.#overtaken(stack, kept, error);
        // Another write was under way: whether it was the first is known once it is over.
        if (!isNamed(error, "ConditionalRequestConflict") || tries === MOST) throw error;
      }
      await this.#pace.wait(tries * PAUSE_MS);
    }
  }

  /** Unless it was this very write, whose answer was lost, and which the client has sent again. */
  async #overtaken(stack: string, { write }: Kept, cause: unknown): Promise<string> {
    const found = await this.#found(stack);
    if (found?.kept.write === write) return found.revision;
    throw Object.assign(new Overtaken(stack), { cause });
  }

  async #found(stack: string): Promise<{ readonly kept: Kept; readonly revision: string } | undefined> {
    try {
      const { Body, ETag } = await this.#s3.send(new GetObjectCommand(this.#objectOf(stack)));
      if (Body === undefined || ETag === undefined) throw new Error(`S3 gave no journal of ${stack}`);
      return { kept: JSON.parse(await Body.transformToString()) as Kept, revision: ETag };
    } catch (error) {
      if (isNamed(error, "NoSuchKey")) return undefined;
      throw error;
    }
  }

  #objectOf(stack: string): { Bucket: string; Key: string } {
    return { Bucket: this.#place.bucket, Key: `${this.#place.prefix}${stack}.json` };
  }
}
