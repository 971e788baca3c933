import type { AwsSettings } from "../settings.js";

/** Settings without them are refused before anything is made. */
export function imagesOf({ images }: Pick<AwsSettings, "images">): NonNullable<AwsSettings["images"]> {
  if (images === undefined) throw new RangeError("aws.images is needed where the runtime is containers");
  return images;
}
