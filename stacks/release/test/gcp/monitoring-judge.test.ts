import { expect } from "chai";
import { MonitoringJudge } from "../../src/gcp/index.js";
import { type Asked, type GoogleServices, googleServices, refusal, type Told } from "../support/google-services.js";

const api = { workload: "api", kind: "cloud-run", service: "punctual-staging-api" } as const;
const worker = { workload: "worker", kind: "cloud-run", service: "punctual-staging-worker" } as const;
const alert = (id: string, labels: object = {}, more: object = {}) => ({
  ...{ state: "OPEN", resource: { labels } },
  policy: { displayName: `punctual-staging: ${id}` },
  ...more,
});

describe("MonitoringJudge", () => {
  let services: GoogleServices;
  let asked: Asked[];
  afterEach(async () => services.stop());
  async function judgeOf(answer: (one: Asked) => Told) {
    asked = [];
    services = await googleServices((one) => (asked.push(one), answer(one)));
    return new MonitoringJudge(services.api, { project: "acme-punctual", prefix: "punctual-staging" });
  }

  it("finds it well where nothing of this environment is raised", async () => {
    const others = [
      alert("closed", {}, { state: "CLOSED" }),
      alert("x", {}, { policy: { displayName: "punctual-production: heartbeat" } }),
    ];
    const judge = await judgeOf(() => ({ body: { alerts: others } }));
    expect(await judge.verdict([])).to.deep.equal({ ok: true });
    expect(asked[0]).to.include({
      method: "GET",
      url: "monitoring.googleapis.com/v3/projects/acme-punctual/alerts",
      authorization: "Bearer a-token",
    });
    expect(asked[0]?.query.get("filter")).to.equal('state="OPEN"');
  });

  it("names what is raised, over all pages and once each", async () => {
    const judge = await judgeOf(({ query }) =>
      query.get("pageToken") === null
        ? { body: { alerts: [alert("oldest-due")], nextPageToken: "two" } }
        : { body: { alerts: [alert("heartbeat"), alert("oldest-due")] } },
    );
    expect(await judge.verdict([])).to.deep.equal({ ok: false, because: "alarms are raised: heartbeat, oldest-due" });
  });

  it("asks of a target what concerns it: what is seen of it, and what is seen of no service", async () => {
    const alerts = [alert("function-errors", { service_name: "punctual-staging-worker" })];
    const judge = await judgeOf(() => ({ body: { alerts } }));
    expect(await judge.verdict([api])).to.deep.equal({ ok: true });
    expect(await judge.verdict([worker])).to.deep.equal({ ok: false, because: "an alarm is raised: function-errors" });
    alerts.push(alert("oldest-due"));
    expect(await judge.verdict([api])).to.deep.equal({ ok: false, because: "an alarm is raised: oldest-due" });
  });

  it("asks again where nobody answers, and does not take silence for well", async () => {
    const passing = [{ breaks: true }, refusal(503, "away"), refusal(429, "slower")];
    const judge = await judgeOf(() => passing.shift() ?? { body: {} });
    expect(await judge.verdict([])).to.deep.equal({ ok: true });
    expect(asked).to.have.length(4);
    await services.stop();
    const deaf = await judgeOf(() => refusal(403, "monitoring.alerts.list is denied"));
    const failure = await deaf.verdict([]).catch((error: unknown) => error);
    expect(failure)
      .to.have.property("message")
      .that.matches(/answered 403: monitoring.alerts.list is denied/);
    expect(asked).to.have.length(1);
  });
});
