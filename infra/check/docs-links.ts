/** What the project's own documents point at: relative links with their anchors, and paths of files. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";

const LINK = /\[[^\]]*\]\(([^)\s]+)\)|(?:src|srcset|href)="([^"]+)"/g;
const PATH = /`((?:\.ci|\.vscode|bench|docs|functions|infra|shared|tests|web)\/[\w./-]*[\w/])`/g;
const MADE_BY_BUILD = ["web/dist"];

/** Every pointer of the documents that leads nowhere, as `document: target`; none when all is well. */
export function findDeadPointers(root: string, documents: readonly string[]): readonly string[] {
  return documents.flatMap((document) => {
    const text = withoutCodeBlocks(readFileSync(join(root, document), "utf8"));
    const dead = [...linksOf(text), ...pathsOf(text)].filter(
      (pointer) => !leadsSomewhere(root, document, pointer),
    );
    return dead.map(({ target }) => `${document}: ${target}`);
  });
}

interface Pointer {
  readonly target: string;
  /** Paths in code spans are told from the project's root, links from the document's folder. */
  readonly from: "root" | "document";
}

function linksOf(text: string): readonly Pointer[] {
  return [...text.matchAll(LINK)]
    .map((match) => match[1] ?? match[2] ?? "")
    .filter((target) => !/^(?:[a-z]+:|\/\/)/.test(target))
    .map((target) => ({ target, from: "document" }));
}

function pathsOf(text: string): readonly Pointer[] {
  return [...text.matchAll(PATH)].map((match) => ({ target: match[1] ?? "", from: "root" }));
}

function leadsSomewhere(root: string, document: string, { target, from }: Pointer): boolean {
  const [path = "", anchor] = target.split("#");
  const base = from === "root" ? "" : dirname(document);
  const file = path === "" ? document : normalize(join(base, path));
  if (MADE_BY_BUILD.some((made) => file.startsWith(made))) return true;
  if (relative(root, join(root, file)).startsWith("..") || !existsSync(join(root, file))) return false;
  return anchor === undefined || anchorsOf(readFileSync(join(root, file), "utf8")).has(anchor);
}

/** The anchors that GitHub gives to a document's headings. */
function anchorsOf(text: string): ReadonlySet<string> {
  const headings = withoutCodeBlocks(text).matchAll(/^#{1,6}\s+(.+)$/gm);
  return new Set([...headings].map((match) => anchorOf(match[1] ?? "")));
}

function anchorOf(heading: string): string {
  return heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .replace(/\s/g, "-");
}

function withoutCodeBlocks(text: string): string {
  return text.replace(/^```[\s\S]*?^```/gm, "");
}
