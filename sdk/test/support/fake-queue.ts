import type { Outgoing, Received, Receiving, TextQueue } from "../../src/queues/text-queue.js";

/** A request for messages that is under way: the test says what comes of it. */
export interface Asked extends Receiving {
  give(...some: readonly Received[]): void;
  fail(error: Error): void;
}

/** A queue that does nothing by itself: it keeps what it was told, and gives what the test has it give. */
export class FakeQueue implements TextQueue {
  /** What was sent and taken. */
  readonly sent: Outgoing[] = [];
  readonly deleted: string[] = [];
  readonly kept: { readonly receipts: readonly string[]; readonly ms: number }[] = [];
  /** Requests for messages that are under way. */
  readonly asked: Asked[] = [];
  /** Why a text is not taken; null takes it. */
  refuses: (text: Outgoing) => string | null = () => null;
  /** Thrown by `keep`, where it is given. */
  trouble: (receipts: readonly string[]) => Error | null = () => null;

  async send(texts: readonly Outgoing[]): Promise<readonly (string | null)[]> {
    return texts.map((text) => {
      const reason = this.refuses(text);
      if (reason === null) this.sent.push(text);
      return reason;
    });
  }

  async receive(receiving: Receiving): Promise<readonly Received[]> {
    const { promise, resolve, reject } = Promise.withResolvers<readonly Received[]>();
    const over = () => void this.asked.splice(this.asked.indexOf(asked), 1);
    const asked: Asked = {
      ...receiving,
      give: (...some) => {
        over();
        resolve(some);
      },
      fail: (error) => {
        over();
        reject(error);
      },
    };
    this.asked.push(asked);
    return promise;
  }

  async delete(receipts: readonly string[]): Promise<readonly boolean[]> {
    this.deleted.push(...receipts);
    return receipts.map(() => true);
  }

  async keep(receipts: readonly string[], ms: number): Promise<readonly boolean[]> {
    const trouble = this.trouble(receipts);
    if (trouble !== null) throw trouble;
    this.kept.push({ receipts, ms });
    return receipts.map(() => true);
  }
}
