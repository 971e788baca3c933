import { activeSecrets, type Destination, Unavailable, type Vault } from "@punctual/core";
import { within } from "./guard/within.js";
import { Recent } from "./secrets/recent.js";

interface Opening {
  readonly done: Promise<string>;
  text: string | null;
}

/** Signing secrets as plain text. To open one may take a call to a key service, so those opened are kept. */
export class OpenSecrets {
  readonly #vault: Vault;
  readonly #openings = new Recent<Opening>(10_000);

  constructor(vault: Vault) {
    this.#vault = vault;
  }

  /** Those that sign for a destination at some time; a promise if one is yet to be opened, which throws what the vault throws. */
  of(destination: Pick<Destination, "id" | "secrets">, at: Date): readonly string[] | Promise<readonly string[]> {
    if (destination.secrets.length === 0) return [];
    const openings = activeSecrets(destination, at).map(({ sealed }) => this.#open(sealed, destination.id));
    const texts = openings.map(({ text }) => text).filter((text) => text !== null);
    return texts.length === openings.length ? texts : Promise.all(openings.map(({ done }) => done));
  }

  #open(sealed: string, owner: string): Opening {
    // By owner too: what was sealed for one must not open for another, who has come by the sealed text.
    const name = `${owner} ${sealed}`;
    return this.#openings.get(name, () => {
      const opening: Opening = { done: timely(this.#vault.open(sealed, owner)), text: null };
      opening.done.then(
        (text) => (opening.text = text),
        () => this.#openings.drop(name, opening), // whoever comes next asks again
      );
      return opening;
    });
  }
}

/** Who waits longer than five seconds for a secret goes on without, and the next one asks again. */
async function timely(opening: Promise<string>): Promise<string> {
  const late = new AbortController();
  const giveUp = () => late.abort(new Unavailable("A secret was not opened in time"));
  const timer = setTimeout(giveUp, 5_000);
  try {
    return await within(late.signal, opening);
  } finally {
    clearTimeout(timer);
  }
}
