import { createHmac } from "node:crypto";

/** One message as a receiver sees it, and what its verification should say at `now`. */
export interface Case extends Message {
  readonly title: string;
  readonly genuine: boolean;
  /** Set where `standardwebhooks` need not agree, with the reason. */
  readonly ours?: string;
}

export interface Message {
  readonly secret: string;
  readonly id: string;
  readonly timestamp: string;
  readonly signature: string;
  readonly body: Buffer;
  readonly now: number;
}

const SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oDkYqWQN3Kj7s=";
const NEW_SECRET = "whsec_k1Yw0Jd2bGmS8Hq3nT5vXz7AaCcEeGgIiKkMmOoQqSs=";
const ID = "5e1b9c7e-6f0f-5a53-9d0e-4d8f6c2b7a10";
const NOW = 1_893_495_600;
const TOLERANCE = 300;
const BODY = '{"type":"birthday.greeting","timestamp":"2030-01-01T11:00:00Z","data":{"firstName":"Ada"}}';

/** Written apart from the adapter and the examples, so that a mistake in one is not repeated here. */
function digest({ secret, id, timestamp, body }: Omit<Message, "signature" | "now">): string {
  const key = Buffer.from(secret.slice(secret.indexOf("_") + 1), "base64");
  const content = Buffer.concat([Buffer.from(id), Buffer.from("."), Buffer.from(timestamp), Buffer.from("."), body]);
  return createHmac("sha256", key).update(content).digest("base64");
}

/** A genuine message; what is given in `fields` is signed along. */
function signed(fields: Partial<Omit<Message, "signature" | "body">> & { body?: string | Buffer } = {}): Message {
  const unsigned = { secret: SECRET, id: ID, timestamp: String(NOW), now: NOW, ...fields };
  const content = { ...unsigned, body: Buffer.from(fields.body ?? BODY) };
  return { ...content, signature: `v1,${digest(content)}` };
}

const message = signed();
const bare = message.signature.slice("v1,".length);
const byNewSecret = signed({ secret: NEW_SECRET }).signature;
/** Only its digest holds what the two alphabets of base64 write differently. */
const vector: Message = {
  secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
  id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
  timestamp: "1614265330",
  signature: "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
  body: Buffer.from('{"test": 2432232314}'),
  now: 1_614_265_330,
};

type Row = readonly [title: string, message: Message, ours?: string];

const genuine: readonly Row[] = [
  ["the vector of Standard Webhooks", vector],
  ["a message signed just now", message],
  ["two signatures, the right one first", { ...message, signature: `${message.signature} ${byNewSecret}` }],
  ["two signatures, the right one last", { ...message, signature: `${byNewSecret} ${message.signature}` }],
  ["a signature after ones of unknown versions", { ...message, signature: `v2,${bare} v1a,abc= ${message.signature}` }],
  ["a signature after one without a comma", { ...message, signature: `v1 ${message.signature}` }],
  ["signatures with several blanks between them", { ...message, signature: `${byNewSecret}   ${message.signature} ` }],
  ["a body in many scripts", signed({ body: '{"data":{"name":"Zoë 李小龍 🎂 Ωμέγα","line":"\u2028"}}' })],
  ["a body with line breaks and tabs", signed({ body: '{\r\n\t"type": "report"\n}\n' })],
  ["an empty body", signed({ body: "" })],
  ["a body of 256 KiB", signed({ body: `{"data":"${"é".repeat(128 * 1024 - 6)}"}` })],
  [
    "a body that is not UTF-8",
    signed({ body: Buffer.from([0x7b, 0xff, 0xfe, 0x00, 0x7d]) }),
    "it reads bodies as text",
  ],
  ["a key of 64 bytes", signed({ secret: `whsec_${Buffer.alloc(64, "key").toString("base64")}` })],
  ["a secret without its prefix", { ...message, secret: SECRET.replace("whsec_", "") }],
  ["a timestamp five minutes old", signed({ now: NOW + TOLERANCE })],
  ["a timestamp five minutes ahead", signed({ now: NOW - TOLERANCE })],
];

const forged: readonly Row[] = [
  ["another secret", { ...message, secret: NEW_SECRET }],
  ["another body", { ...message, body: Buffer.from(BODY.replace("Ada", "Eve")) }],
  ["a body with one byte more", { ...message, body: Buffer.from(`${BODY}\n`) }],
  ["a body that was parsed and written anew", { ...vector, body: Buffer.from('{"test":2432232314}') }],
  ["another id", { ...message, id: ID.replace("5e1b", "5e1c") }],
  ["another timestamp", { ...message, timestamp: String(NOW + 1) }],
  ["a timestamp older than five minutes", signed({ now: NOW + TOLERANCE + 1 })],
  ["a timestamp further ahead than five minutes", signed({ now: NOW - TOLERANCE - 1 })],
  ["a timestamp years old", { ...vector, now: NOW }],
  ["a timestamp in words", signed({ timestamp: "soon" })],
  ["a timestamp with a fraction", signed({ timestamp: `${NOW}.0` })],
  ["a timestamp with a plus sign", signed({ timestamp: `+${NOW}` })],
  ["a timestamp below zero", signed({ timestamp: `-${NOW}` })],
  ["a timestamp with a blank", signed({ timestamp: ` ${NOW}` })],
  ["a timestamp with a line break", signed({ timestamp: `${NOW}\n` })],
  ["a timestamp with a digit of another script", signed({ timestamp: `${String(NOW).slice(0, -1)}٠` })],
  ["a timestamp in milliseconds", signed({ timestamp: `${NOW}000` })],
  ["a timestamp of 5,000 digits", signed({ timestamp: "9".repeat(5_000) })],
  ["no id", signed({ id: "" })],
  ["no timestamp", signed({ timestamp: "" })],
  ["no signature", { ...message, signature: "" }],
  ["blanks for a signature", { ...message, signature: "   " }],
  ["a version and nothing else", { ...message, signature: "v1," }],
  ["a version without a comma", { ...message, signature: "v1" }],
  ["a digest without a version", { ...message, signature: bare }],
  ["a digest without a version, after a comma", { ...message, signature: `,${bare}` }],
  ["the digest as version 2", { ...message, signature: `v2,${bare}` }],
  ["the digest as version 1a", { ...message, signature: `v1a,${bare}` }],
  ["two signatures, both wrong", { ...message, signature: `${byNewSecret} ${vector.signature}` }],
  ["a signature that is not base64", { ...message, signature: "v1,%%%=not*base64" }],
  ["a signature beyond ASCII", { ...message, signature: `v1,${"é".repeat(bare.length)}` }],
  ["a signature without its padding", { ...message, signature: message.signature.replace("=", "") }],
  ["a signature cut short", { ...message, signature: message.signature.slice(0, 20) }],
  ["a signature with more behind it", { ...message, signature: `${message.signature}AAAA` }],
  ["a signature with a third part", { ...message, signature: `${message.signature},x` }, "it reads two parts"],
  ["a signature in hexadecimal", { ...message, signature: `v1,${Buffer.from(bare, "base64").toString("hex")}` }],
  ["a signature in base64 for URLs", { ...vector, signature: vector.signature.replace("+", "-").replace("/", "_") }],
  ["a signature of the body alone", { ...message, signature: `v1,${bodyAlone()}` }],
  ["an empty secret that also signed", signed({ secret: "whsec_" })],
  ["no secret", { ...signed({ secret: "whsec_" }), secret: "" }],
  ["a secret that is not base64", { ...message, secret: "whsec_***" }],
];

export const cases: readonly Case[] = [...genuine.map(toCase(true)), ...forged.map(toCase(false))];

function toCase(isGenuine: boolean): (row: Row) => Case {
  return ([title, fields, ours]) => ({ title, genuine: isGenuine, ...fields, ...(ours === undefined ? {} : { ours }) });
}

function bodyAlone(): string {
  return createHmac("sha256", Buffer.from(SECRET.slice("whsec_".length), "base64"))
    .update(BODY)
    .digest("base64");
}
