import { fork } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";

/** Spreads jobs over as many processes as there are cores; answers come as they are done. */
export async function crowd<Job, Answer>(
  module: string,
  jobs: readonly Job[],
  done: (answer: Answer, job: Job) => void,
): Promise<void> {
  const waiting = [...jobs];
  const hands = Math.min(availableParallelism(), jobs.length);
  await Promise.all(
    Array.from({ length: hands }, async () => {
      const child = fork(fileURLToPath(new URL(module, import.meta.url)));
      try {
        for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) {
          const current = job;
          const answer = new Promise<Answer>((resolve, reject) => {
            child.once("message", (message) => resolve(message as Answer));
            child.once("exit", (code) => reject(new Error(`A simulating process ended with ${code}`)));
          });
          child.send(current as object);
          done(await answer, current);
          child.removeAllListeners("exit");
        }
      } finally {
        if (child.connected) child.disconnect();
      }
    }),
  );
}
