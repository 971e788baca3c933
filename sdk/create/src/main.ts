import { resolve } from "node:path";
import { CannotCreate, createAdapter } from "./create-adapter.js";

const [name, ...more] = process.argv.slice(2);
try {
  if (name === undefined || more.length > 0 || name.startsWith("-")) {
    throw new CannotCreate("say one name: npm create punctual-adapter my-queue");
  }
  const files = await createAdapter(name, resolve(name));
  console.log(`${name}/\n${files.map((file) => `  ${file}\n`).join("")}
  cd ${name}
  npm install
  npm test       its suite, which fails until src/transport.ts is written
`);
} catch (error) {
  if (!(error instanceof CannotCreate)) throw error;
  console.error(`create-punctual-adapter: ${error.message}`);
  process.exitCode = 2;
}
