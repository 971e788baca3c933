import { describeJournal } from "../../src/conformance/index.js";
import { GcsJournal } from "../../src/gcp/index.js";
import { type GoogleServices, googleServices, refusal } from "../support/google-services.js";

let services: GoogleServices;

/** A bucket: objects with generations, written where the generation is the one that is named. */
describeJournal("GcsJournal", {
  open: async () => {
    const objects = new Map<string, { readonly generation: number; readonly body: unknown }>();
    let generation = 1_000;
    const read = "storage.googleapis.com/storage/v1/b/releases/o/";
    services = await googleServices(({ method, url, query, body }) => {
      if (method === "GET" && url.startsWith(read)) {
        const found = objects.get(decodeURIComponent(url.slice(read.length)));
        if (found === undefined) return refusal(404, "No such object");
        return { headers: { "x-goog-generation": String(found.generation) }, body: found.body };
      }
      if (method !== "POST" || url !== "storage.googleapis.com/upload/storage/v1/b/releases/o")
        return refusal(400, "what is that?");
      const name = query.get("name") ?? "";
      const known = objects.get(name)?.generation ?? 0;
      if (query.get("ifGenerationMatch") !== String(known)) return refusal(412, "conditionNotMet");
      objects.set(name, { generation: ++generation, body });
      return { body: { name, generation: String(generation) } };
    });
    return new GcsJournal(services.api, { bucket: "releases", prefix: "punctual/" });
  },
  close: async () => services.stop(),
});
