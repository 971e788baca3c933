import path from "node:path";
import { FileJournal } from "../file-journal.js";
import type { Journal } from "../journal.js";
import type { CloudTools, Ground } from "./parts.js";

const SCHEMES: Readonly<Record<string, string>> = { s3: "aws", gs: "gcp" };

/** In a folder, or in a bucket: `s3://bucket/folder`, `gs://bucket/folder`. */
export async function journalAt(
  place: string | undefined,
  root: string,
  ground: Pick<Ground, "settings" | "pace">,
  toolsOf: (cloud: string) => Promise<CloudTools>,
): Promise<Journal> {
  const [, scheme = "", bucket = "", folder = ""] = /^([a-z\d]+):\/\/([^/]+)\/?(.*)$/.exec(place ?? "") ?? [];
  if (scheme === "") return new FileJournal(path.resolve(root, place ?? ".punctual/releases"));
  const cloud = SCHEMES[scheme];
  if (cloud === undefined)
    throw new RangeError(`A journal is a folder, or at s3:// or gs://, and this one at ${scheme}://`);
  const prefix = folder === "" || folder.endsWith("/") ? folder : `${folder}/`;
  return (await toolsOf(cloud)).journalIn(bucket, prefix, ground);
}
