const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
const cleanUps = new Set<() => void>();

/**
 * Has `cleanUp` called when the process ends, by itself or by a signal, unless the returned function is called before.
 * It cannot wait for anything asynchronous, and SIGKILL leaves it out.
 */
export function atExit(cleanUp: () => void): () => void {
  if (cleanUps.size === 0) listen();
  cleanUps.add(cleanUp);
  return () => {
    if (cleanUps.delete(cleanUp) && cleanUps.size === 0) unlisten();
  };
}

function listen(): void {
  process.on("exit", run);
  // Before all others: one that was added by `once` is no longer counted after it was called.
  for (const signal of SIGNALS) process.prependListener(signal, onSignal);
}

function unlisten(): void {
  process.off("exit", run);
  for (const signal of SIGNALS) process.off(signal, onSignal);
}

/** Whoever else listens decides when the process ends (an app first drains), and then there is an `exit`. */
function onSignal(signal: NodeJS.Signals): void {
  if (process.listenerCount(signal) > 1) return;
  run();
  unlisten();
  process.kill(process.pid, signal); // so that our parent sees which signal it was
}

function run(): void {
  // What came last may lie in what came first, as a server in its folder.
  for (const cleanUp of [...cleanUps].reverse()) {
    cleanUps.delete(cleanUp);
    cleanUp();
  }
}
