import { httpService } from "./http-service.js";

/** As much of Google's metadata server as gives tokens to processes. */
export async function startMetadataServer() {
  const state = { away: false, lastsSeconds: 3_600, asked: 0, scopes: "" };
  const service = await httpService((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "", "http://metadata");
    const say = (status: number, text: string, type = "application/json") =>
      void response.writeHead(status, { "content-type": type, "metadata-flavor": "Google" }).end(text);
    if (request.headers["metadata-flavor"] !== "Google") return say(403, "", "text/html");
    switch (pathname) {
      case "/computeMetadata/v1/instance":
        return say(200, "{}");
      case "/computeMetadata/v1/universe/universe-domain":
        return say(200, "googleapis.com", "application/text");
      case "/computeMetadata/v1/instance/service-accounts/default/token": {
        state.asked++;
        state.scopes = searchParams.get("scopes") ?? "";
        if (state.away) return say(404, "");
        const token = { access_token: `token-${state.asked}`, expires_in: state.lastsSeconds, token_type: "Bearer" };
        return say(200, JSON.stringify(token));
      }
      default:
        return say(404, "");
    }
  });
  return { state, host: `127.0.0.1:${service.port}`, stop: service.stop };
}
