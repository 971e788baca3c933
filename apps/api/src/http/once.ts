import type { KeptReply, Reader, Transaction, UnitOfWork } from "@punctual/core";
import { Refused } from "./refused.js";
import { type Reply, toJson } from "./reply.js";

const KEPT_MS = 30 * 86_400_000;

/** Thrown where the work was done before: the transaction ends as it began. */
export class DoneBefore extends Error {
  readonly kept: KeptReply;

  constructor(kept: KeptReply) {
    super("Done before");
    this.kept = kept;
  }
}

export interface OnceOptions {
  readonly key: string;
  /** Of what was asked: the same key for something else is a mistake. */
  readonly fingerprint: string;
  readonly reply: (result: unknown) => Reply;
}

/** A unit of work whose work is done once for a key: what is answered is kept in the transaction of its effect. */
export class OnceUnitOfWork implements UnitOfWork {
  readonly #inner: UnitOfWork;
  readonly #options: OnceOptions;

  constructor(inner: UnitOfWork, options: OnceOptions) {
    this.#inner = inner;
    this.#options = options;
  }

  async read<T>(tenant: string, work: (reader: Reader) => Promise<T>): Promise<T> {
    return this.#inner.read(tenant, work);
  }

  async run<T>(tenant: string, work: (transaction: Transaction) => Promise<T>): Promise<T> {
    const { key, fingerprint, reply } = this.#options;
    return this.#inner.run(tenant, async (transaction) => {
      const kept = await transaction.idempotency.get(key);
      if (kept !== null && kept.fingerprint !== fingerprint) {
        throw new Refused(422, "idempotency_key_reused", "This idempotency key was used for another request");
      }
      if (kept !== null) throw new DoneBefore(kept);
      const result = await work(transaction);
      const { status, headers = {}, body } = reply(result);
      const expiresAt = new Date(transaction.now.getTime() + KEPT_MS);
      await transaction.idempotency.add({ key, fingerprint, status, headers, body: toJson(body), expiresAt });
      return result;
    });
  }
}
