import { type Entry, type Journal, Overtaken, type Page } from "../journal.js";
import type { GoogleApi } from "./google-api.js";

export interface Place {
  readonly bucket: string;
  /** Before each name; ends with a slash, or is empty. */
  readonly prefix: string;
}

/** A journal in a bucket of Cloud Storage. A revision is an object's generation, which a write names (J3). */
export class GcsJournal implements Journal {
  readonly #api: GoogleApi;
  readonly #place: Place;

  constructor(api: GoogleApi, place: Place) {
    this.#api = api;
    this.#place = place;
  }

  async read(stack: string): Promise<Page> {
    const { status, headers, body } = await this.#api.ask({
      url: `storage.googleapis.com/storage/v1/b/${this.#place.bucket}/o/${encodeURIComponent(this.#nameOf(stack))}`,
      query: { alt: "media" },
      accepted: [404],
    });
    if (status === 404) return { entries: [], revision: null };
    const revision = headers.get("x-goog-generation");
    if (revision === null) throw new Error("Cloud Storage does not say which generation it has answered");
    return { entries: body as readonly Entry[], revision };
  }

  async write(stack: string, { entries, revision }: Page): Promise<string> {
    const { status, body } = await this.#api.ask({
      method: "POST",
      url: `storage.googleapis.com/upload/storage/v1/b/${this.#place.bucket}/o`,
      // Zero is an object that is not there.
      query: { uploadType: "media", name: this.#nameOf(stack), ifGenerationMatch: revision ?? "0" },
      body: entries,
      accepted: [412],
    });
    if (status === 412) throw new Overtaken(stack);
    return String((body as { readonly generation: unknown }).generation);
  }

  #nameOf(stack: string): string {
    return `${this.#place.prefix}${stack}.json`;
  }
}
