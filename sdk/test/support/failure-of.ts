import { expect } from "chai";

/** The error with which it fails; fails itself if it does not. */
export async function failureOf(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Error) return error;
  }
  return expect.fail("It did not fail");
}
