/** Reads the body of an order call: JSON, or XML with the same names. */

/** Elements of which XML cannot show that they are lists. */
const LISTS: ReadonlySet<string> = new Set(["Order", "Instrument", "PreviewIds"]);

/** The body's data; undefined where it is neither JSON nor XML. XML values are all texts. */
export function readBody(text: string): unknown {
  const trimmed = text.trim();
  if (trimmed.startsWith("<")) return readXml(trimmed);
  try {
    return JSON.parse(trimmed);
  } catch {
    return undefined;
  }
}

interface Open {
  readonly name: string;
  readonly children: Record<string, unknown>;
  text: string;
}

const PIECE = /<\?[^>]*\?>|<(\/?)([A-Za-z][\w.-]*)(?:\s[^<>]*?)?(\/?)>|([^<]+)/gy;
const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

/** Elements and texts only: no attributes, comments or declarations, which orders have none of. */
function readXml(text: string): unknown {
  const root: Open = { name: "", children: {}, text: "" };
  const stack: Open[] = [root];
  let end = 0;
  for (const piece of text.matchAll(PIECE)) {
    end = piece.index + piece[0].length;
    const [, closing, name, alone, words] = piece;
    const top = stack.at(-1);
    if (top === undefined) return undefined;
    if (words !== undefined) top.text += unescaped(words);
    if (name === undefined) continue;
    if (closing === "/") {
      if (top.name !== name || stack.length === 1) return undefined;
      stack.pop();
      put(stack.at(-1) ?? root, top);
    } else if (alone === "/") put(top, { name, children: {}, text: "" });
    else stack.push({ name, children: {}, text: "" });
  }
  return stack.length === 1 && end === text.length ? root.children : undefined;
}

function put(parent: Open, { name, children, text }: Open): void {
  const value = Object.keys(children).length > 0 ? children : text.trim();
  const before = Object.hasOwn(parent.children, name) ? parent.children[name] : undefined;
  const all = Array.isArray(before) ? before : before === undefined ? [] : [before];
  parent.children[name] = LISTS.has(name) || all.length > 0 ? [...all, value] : value;
}

function unescaped(text: string): string {
  return text.replace(/&(\w+);/g, (whole, name: string) => ENTITIES[name] ?? whole);
}
