/** What a program asks a provider about. */
export interface Asked {
  readonly type: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

/** What a provider would say, were there one: the part of the world that a program asks. */
export interface World {
  /** What a resource has besides what it was given, and its `id` unless any will do. In a dry run nothing of it is known. */
  outputs(asked: Asked): Readonly<Record<string, unknown>>;
  /** What a function of a provider answers, such as `aws:index/getCallerIdentity:getCallerIdentity`. */
  call(token: string, args: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>>;
  /** What other stacks have told, by their whole names: `acme/punctual/aws-bootstrap`. */
  readonly stacks?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** A world with nothing in it but ids. */
export const EMPTY_WORLD: World = { outputs: () => ({}), call: () => ({}) };

/** The world's answer with its id apart. */
export function answerOf(
  world: World,
  asked: Asked,
): { readonly id: string; readonly state: Readonly<Record<string, unknown>> } {
  const { id, ...state } = world.outputs(asked);
  return { id: typeof id === "string" ? id : `${asked.name}-id`, state };
}
