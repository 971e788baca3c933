import { expect } from "chai";
import type { Move, Mover, Progress } from "../mover.js";

/** A target with all of its traffic on `move.from`, where `move.to` is ready. */
export interface OpenMover {
  readonly mover: Mover;
  readonly move: Move;
  /** Has the cloud give up what is under way, where it can do so by itself. */
  readonly giveUp?: () => Promise<void>;
  /** Lets what goes by itself go on a little. */
  readonly later: () => Promise<void>;
}

export interface MoverHarness {
  open(): Promise<OpenMover>;
  close(): Promise<void>;
}

/** More often than any mover needs `later`. */
const MOST = 50;

/** What every mover promises (`Mover`, M1 to M5). */
export function describeMover(name: string, harness: MoverHarness): void {
  describe(`${name} as a Mover`, () => {
    let open: OpenMover;
    beforeEach(async () => {
      open = await harness.open();
    });
    afterEach(async () => harness.close());

    const shares = async () => (await open.mover.standing(open.move.target)).shares;
    const shareOfNew = async () => (await shares())[open.move.to] ?? 0;
    const asItWas = async () => {
      expect(await shareOfNew()).to.equal(0);
      expect((await shares())[open.move.from]).to.equal(100);
    };
    async function until(kind: Progress["kind"]): Promise<Progress> {
      for (let looks = 0; looks < MOST; looks++) {
        const progress = await open.mover.progress(open.move);
        if (progress.kind === kind) return progress;
        if (progress.kind === "waiting") await open.mover.advance(open.move);
        await open.later();
      }
      throw new Error(`It is not ${kind}, but ${JSON.stringify(await open.mover.progress(open.move))}`);
    }

    it("only looks, as often as it is asked (M1)", async () => {
      for (let looks = 0; looks < 3; looks++) {
        expect((await open.mover.progress(open.move)).kind).to.equal("not-begun");
        await asItWas();
      }
    });

    it("brings all traffic to the new version (M3, M5)", async () => {
      await open.mover.begin(open.move);
      await until("arrived");
      expect(await shares()).to.deep.equal({ [open.move.to]: 100 });
    });

    it("begins once, however often it is told to (M2)", async () => {
      const { mover, move } = open;
      await mover.begin(move);
      await mover.begin(move);
      await until("arrived");
      await mover.begin(move);
      expect((await mover.progress(move)).kind).to.equal("arrived");
      expect(await shareOfNew()).to.equal(100);
    });

    it("goes on nowhere that nothing waits (M5)", async () => {
      await open.mover.advance(open.move);
      await asItWas();
      await open.mover.begin(open.move);
      await until("arrived");
      await open.mover.advance(open.move);
      expect(await shareOfNew()).to.equal(100);
    });

    const moments: Readonly<Record<string, () => Promise<unknown>>> = {
      "before it has begun": async () => undefined,
      "as soon as it has begun": async () => open.mover.begin(open.move),
      "on its way": async () => open.mover.begin(open.move).then(open.later),
      "after it has arrived": async () => open.mover.begin(open.move).then(async () => until("arrived")),
    };
    for (const [moment, come] of Object.entries(moments)) {
      it(`goes back ${moment}, and stays there (M4)`, async () => {
        await come();
        await open.mover.back(open.move);
        await asItWas();
        await open.mover.back(open.move);
        await open.later();
        await asItWas();
      });
    }

    it("tells that the cloud gave it up, and why (M3)", async function () {
      if (open.giveUp === undefined) return this.skip();
      await open.mover.begin(open.move);
      await open.giveUp();
      const progress = await until("returned");
      expect(progress).to.have.property("because").that.is.a("string").and.is.not.empty;
      await asItWas();
      return undefined;
    });

    it("takes a later release of the same version for another move (M2)", async () => {
      const { mover, move } = open;
      await mover.begin(move);
      await mover.back(move);
      const again = { ...move, release: `${move.release}-again` };
      expect((await mover.progress(again)).kind).to.equal("not-begun");
      open = { ...open, move: again };
      await mover.begin(again);
      await until("arrived");
      expect(await shareOfNew()).to.equal(100);
    });
  });
}
