import type { Asked } from "./platform.js";

/** Asks an API by HTTP, with a token that is let in. */
export function askAt(url: string, token: () => string): Asked["ask"] {
  return async (method, path, body, headers = {}) => {
    const response = await fetch(url + path, {
      method,
      headers: { authorization: `Bearer ${token()}`, "content-type": "application/json", ...headers },
      ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      header: (name) => response.headers.get(name) ?? "",
      body: text,
      json: () => JSON.parse(text) as Record<string, unknown>,
    };
  };
}
