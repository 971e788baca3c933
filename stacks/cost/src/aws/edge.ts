import { HOURS, listOf, type Rules, share, type Situation, textOf } from "../rule.js";
import { item } from "./item.js";

export const edge: Rules = {
  "aws:apigateway/restApi:RestApi": (one, at) => [
    item("API", "apiRequest", share(one, at, at.usage.apiRequests)),
    item("API", "outGb", share(one, at, answeredGb(at))),
  ],
  "aws:apigateway/stage:Stage": (one) =>
    one.inputs["cacheClusterEnabled"] === true
      ? [item("API", "apiCacheHour", (HOURS * Number(textOf(one, "cacheClusterSize", "0.5"))) / 0.5)]
      : [],
  "aws:wafv2/webAcl:WebAcl": (one, { usage }) => [
    item("firewall", "wafAcl", 1),
    item("firewall", "wafRule", listOf(one, "rules").length),
    item("firewall", "wafRequest", one.inputs["scope"] === "CLOUDFRONT" ? usage.pageRequests : usage.apiRequests),
  ],
  "aws:cloudfront/distribution:Distribution": (one, at) => [
    item("console", "pageGb", share(one, at, at.usage.pageGb)),
    item("console", "pageRequest", share(one, at, at.usage.pageRequests)),
  ],
  "aws:cloudfront/function:Function": (one, at) => [
    item("console", "pageFunction", share(one, at, at.usage.pageRequests)),
  ],
  "aws:route53/zone:Zone": () => [item("names", "zone", 1)],
  "aws:cognito/userPool:UserPool": () => [item("users", "user", 100)],
};

function answeredGb({ usage }: Situation): number {
  return (usage.apiRequests * usage.answerKb) / 1_000_000;
}
