import { expect } from "chai";
import { Recent } from "../../src/secrets/recent.js";

describe("Recent", () => {
  const setup = (most: number) => {
    const made: string[] = [];
    const recent = new Recent<{ readonly name: string }>(most);
    const get = (name: string) =>
      recent.get(name, () => {
        made.push(name);
        return { name };
      });
    return { recent, get, made };
  };

  it("makes each value once", () => {
    const { get, made } = setup(3);
    expect(get("a")).to.equal(get("a"));
    expect(made).to.deep.equal(["a"]);
  });

  it("forgets what was asked for longest ago", () => {
    const { get, made } = setup(2);
    for (const name of ["a", "b", "a", "c", "a", "b"]) get(name);
    expect(made).to.deep.equal(["a", "b", "c", "b"]);
  });

  it("forgets what it is told to, and nothing that took its place", () => {
    const { recent, get, made } = setup(2);
    const first = get("a");
    recent.drop("a", first);
    get("a");
    recent.drop("a", first);
    get("a");
    expect(made).to.deep.equal(["a", "a"]);
  });
});
