/*
 * Stands for the managed runtime of Node 24: loads the handler, and takes one event after the other from the Runtime API.
 * It runs in a process of its own, whose environment is all that it knows.
 */
import { Agent, request } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { pathToFileURL } from "node:url";

type Handler = (event: unknown, context: object) => unknown;

const env = process.env as Readonly<Record<string, string>>;
const [host, port] = env.AWS_LAMBDA_RUNTIME_API!.split(":");
// Without a time limit: an event may be waited for as long as the process is frozen.
const agent = new Agent({ keepAlive: true });
/** Of the invocation that is under way. */
let requestId: string | null = null;

interface Answer {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

function ask(method: "GET" | "POST", path: string, body?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request({ host, port, agent, method, path: `/2018-06-01/runtime/${path}` }, (answer) => {
      text(answer).then((read) => resolve({ headers: answer.headers, body: read }), reject);
    });
    asked.on("error", reject).end(body);
  });
}

function told(error: unknown, errorType?: string): string {
  if (!(error instanceof Error)) {
    return JSON.stringify({ errorType: errorType ?? typeof error, errorMessage: String(error), trace: [] });
  }
  const { name, message, stack = "" } = error;
  return JSON.stringify({ errorType: errorType ?? name, errorMessage: message, trace: stack.split("\n") });
}

async function load(): Promise<Handler> {
  const [file, name = ""] = env._HANDLER!.split(".");
  const module = (await import(pathToFileURL(join(env.LAMBDA_TASK_ROOT!, `${file}.mjs`)).href)) as Record<
    string,
    unknown
  >;
  const handler = module[name];
  if (typeof handler !== "function") {
    throw Object.assign(new Error(`${env._HANDLER} is undefined or not exported`), { name: "Runtime.HandlerNotFound" });
  }
  // From Node 24 on, whoever takes a callback is refused.
  if (handler.length >= 3) {
    throw Object.assign(new Error("A handler takes no callback"), { name: "Runtime.CallbackHandlerDeprecated" });
  }
  return handler as Handler;
}

function contextOf(headers: Answer["headers"]): object {
  const deadline = Number(headers["lambda-runtime-deadline-ms"]);
  return {
    awsRequestId: requestId,
    invokedFunctionArn: headers["lambda-runtime-invoked-function-arn"],
    functionName: env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
    getRemainingTimeInMillis: () => deadline - Date.now(),
  };
}

/** Who is frozen writes no more: what was printed has to be out before the next event is asked for. */
async function flush(): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) {
    await new Promise<void>((resolve) => stream.write("", () => resolve()));
  }
}

async function perform(handler: Handler): Promise<never> {
  for (;;) {
    await flush();
    const { headers, body } = await ask("GET", "invocation/next");
    const id = String(headers["lambda-runtime-aws-request-id"]);
    requestId = id;
    process.env._X_AMZN_TRACE_ID = String(headers["lambda-runtime-trace-id"]);
    try {
      const result = (await handler(JSON.parse(body), contextOf(headers))) ?? null;
      await ask("POST", `invocation/${id}/response`, JSON.stringify(result));
    } catch (error) {
      const message = told(error);
      console.error(`Invoke Error\t${message}`);
      await ask("POST", `invocation/${id}/error`, message);
    }
    requestId = null;
  }
}

/** What nobody caught ends the process, with the same exit status as there. */
function fail(error: unknown, errorType: string, status: number): void {
  const message = told(error, errorType);
  console.error(`${errorType}\t${message}`);
  const path = requestId === null ? "init/error" : `invocation/${requestId}/error`;
  const exit = () => process.exit(status);
  flush()
    .then(() => ask("POST", path, message))
    .then(exit, exit);
}

process.on("uncaughtException", (error: Error) => fail(error, error.name, 129));
process.on("unhandledRejection", (reason) => fail(reason, "Runtime.UnhandledPromiseRejection", 128));

const handler = await load().catch((error: unknown) => error as Error);
if (typeof handler === "function") {
  // Whoever was served by nobody any more has nothing left to do.
  perform(handler).catch(() => process.exit(1));
} else {
  fail(handler, handler.name, 1);
}
