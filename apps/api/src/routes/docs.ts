import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { docs } from "../contract/docs.js";
import type { FileReply } from "../http/reply.js";
import { type Route, route } from "../http/route.js";

type Name = "swagger-ui.css" | "swagger-ui-bundle.js" | "start.js";

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width" />
    <title>Punctual: the API</title>
    <link rel="icon" href="data:," />
    <link rel="stylesheet" href="/docs/swagger-ui.css" />
  </head>
  <body>
    <div id="reference"></div>
    <script src="/docs/swagger-ui-bundle.js"></script>
    <script src="/docs/start.js"></script>
  </body>
</html>
`;

const START = `SwaggerUIBundle({ url: "/openapi.json", dom_id: "#reference", deepLinking: true, tryItOutEnabled: true });
`;

/** Nothing from elsewhere, and no script in the page itself. The reference writes styles as it goes. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; " +
  "frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

const require = createRequire(import.meta.url);

/** The reference is served from here: a browser needs nobody else to read it. */
export function docsRoutes(): readonly Route[] {
  const read = new Map<Name, Promise<Buffer>>();
  const bytesOf = (name: Name): Promise<Buffer> => {
    if (name === "start.js") return Promise.resolve(Buffer.from(START));
    const known = read.get(name) ?? readFile(require.resolve(`swagger-ui-dist/${name}`));
    read.set(name, known);
    return known;
  };
  return [
    route(docs.page, {
      perform: async () => undefined,
      reply: () => ({
        status: 200,
        headers: { "content-security-policy": POLICY },
        file: { type: "text/html; charset=utf-8", bytes: Buffer.from(PAGE) },
      }),
    }),
    route(docs.file, {
      perform: async ({ params: { file } }): Promise<FileReply> => {
        const type = file.endsWith(".css") ? "text/css" : "text/javascript";
        return { type: `${type}; charset=utf-8`, bytes: await bytesOf(file) };
      },
      reply: (file) => ({ status: 200, headers: { "cache-control": "public, max-age=86400" }, file }),
    }),
  ];
}
