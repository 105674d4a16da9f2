/** Looks for secrets where none may be, in all the forms in which a program writes text. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The forms of a text that a leak could take. */
export function formsOf(secret: string): readonly string[] {
  const bytes = Buffer.from(secret, "utf8");
  const encoded = encodeURIComponent(secret);
  const forms = new Set([
    secret,
    encoded,
    encoded.replace(/%[0-9A-F]{2}/g, (hex) => hex.toLowerCase()),
    // OAuth encodes a token once in its header and twice in the text that is signed.
    encodeURIComponent(encoded),
    JSON.stringify(secret).slice(1, -1),
    secret.replaceAll("/", "\\/"),
    ...(["&", "<", ">", '"', "'"].some((sign) => secret.includes(sign)) ? [escapeHtml(secret)] : []),
    bytes.toString("hex"),
    bytes.toString("hex").toUpperCase(),
    ...base64Forms(bytes),
  ]);
  return [...forms];
}

/** Base64 of the bytes wherever they stand in what was encoded: without the letters that mix with neighbours. */
function base64Forms(bytes: Buffer): readonly string[] {
  return [0, 1, 2].flatMap((offset) => {
    const shifted = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString("base64")
      .replace(/=+$/, "");
    const first = Math.ceil((offset * 8) / 6);
    const inner = shifted.slice(first, Math.floor(((offset + bytes.length) * 8) / 6));
    return [inner, inner.replaceAll("+", "-").replaceAll("/", "_")];
  });
}

function escapeHtml(text: string): string {
  const entities: Record<string, string> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&#39;",
  };
  return text.replace(/[&<>"']/g, (sign) => entities[sign] ?? sign);
}

/** A search for these secrets, by their names: which of them occur in a text or in bytes, in whatever form. */
export function createSearch(secrets: ReadonlyMap<string, string>) {
  const wanted = [...secrets].map(([name, secret]) => ({ name, forms: formsOf(secret).map(bytesOf) }));
  return function leaksIn(where: string | Buffer): readonly string[] {
    const bytes = typeof where === "string" ? bytesOf(where) : where;
    const found = wanted.filter(({ forms }) => forms.some((form) => bytes.includes(form)));
    return found.map(({ name }) => name);
  };
}

function bytesOf(text: string): Buffer {
  return Buffer.from(text, "utf8");
}

/** Every file under a folder, by its path within it. */
export function filesUnder(folder: string): ReadonlyMap<string, Buffer> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return new Map(files.map((path) => [path.slice(folder.length + 1), readFileSync(path)]));
}
