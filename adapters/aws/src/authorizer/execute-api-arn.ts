/**
 * What a method's ARN names, part by part and strictly. Everything behind the stage is the caller's own writing: the path may
 * have stars, colons and line breaks in it, and nothing of it is taken over.
 */
const METHOD_ARN =
  /^(arn:aws(?:-[a-z]+)*:execute-api:[a-z]{2}(?:-[a-z]+)+-\d{1,2}:\d{12}:[a-z0-9]{1,32}\/(?:[\w-]{1,128}|\$default))(?:\/|$)/;

/** All methods and paths of the stage that the ARN of one of them names; null if it is the ARN of no method. */
export function wholeApi(methodArn: unknown): string | null {
  const stage = typeof methodArn === "string" ? METHOD_ARN.exec(methodArn)?.[1] : undefined;
  return stage === undefined ? null : `${stage}/*/*`;
}
