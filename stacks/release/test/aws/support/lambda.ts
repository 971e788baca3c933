import { type Answered, type Asked, Fault, type Service } from "./cloud.js";

export interface Alias {
  version: string;
  weights: Readonly<Record<string, number>>;
}

/** Lambda: aliases of functions, and functions that can be called. */
export class FakeLambda implements Service {
  readonly #aliases = new Map<string, Alias>();
  readonly #functions = new Map<string, (event: unknown) => unknown>();

  serve(fn: string, alias: string, version: string): void {
    this.#aliases.set(`${fn}:${alias}`, { version, weights: {} });
  }

  alias(fn: string, alias: string): Alias {
    const found = this.#aliases.get(`${fn}:${alias}`);
    if (found === undefined) throw new Fault("ResourceNotFoundException", `Cannot find alias ${fn}:${alias}`, 404);
    return found;
  }

  answer(fn: string, work: (event: unknown) => unknown): void {
    this.#functions.set(fn, work);
  }

  route = ({ method, path, body }: Asked): Answered | undefined => {
    const [, fn = "", kind, name = ""] =
      /^\/2015-03-31\/functions\/([^/]+)\/(aliases|invocations)\/?(.*)$/.exec(path) ?? [];
    if (kind === "aliases") return this.#aliased(method, fn, name, body);
    return kind === "invocations" ? this.#called(fn, body) : undefined;
  };

  #aliased(method: string, fn: string, name: string, body: string): Answered {
    const alias = this.alias(fn, name);
    if (method === "PUT") {
      const told = JSON.parse(body) as {
        FunctionVersion?: string;
        RoutingConfig?: { AdditionalVersionWeights?: Record<string, number> };
      };
      alias.version = told.FunctionVersion ?? alias.version;
      alias.weights = told.RoutingConfig?.AdditionalVersionWeights ?? alias.weights;
      if (alias.version in alias.weights) throw new Fault("InvalidParameterValueException", "weighed twice");
    }
    const weighed = Object.keys(alias.weights).length > 0;
    const RoutingConfig = weighed ? { AdditionalVersionWeights: alias.weights } : undefined;
    return { body: JSON.stringify({ Name: name, FunctionVersion: alias.version, RoutingConfig }) };
  }

  #called(fn: string, body: string): Answered {
    const work = this.#functions.get(fn);
    if (work === undefined) throw new Fault("ResourceNotFoundException", `Function not found: ${fn}`, 404);
    try {
      return { body: JSON.stringify(work(JSON.parse(body))) };
    } catch (error) {
      const said = { errorType: "Error", errorMessage: error instanceof Error ? error.message : "thrown" };
      return { body: JSON.stringify(said), headers: { "x-amz-function-error": "Unhandled" } };
    }
  }
}
