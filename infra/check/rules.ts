/** `npm run check:rules`: who imports whom, what only the edge may do, and how long a file may be. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { posix } from "node:path";
import { ADAPTERS, EDGES, PLACES } from "./layers.ts";

const LONGEST_FILE_LINES = 300;
const IMPORT =
  /(?:^|\n)\s*(?:import|export)\b[^;"']*?["'](\.[^"']+)["']|\bimport\(\s*["'](\.[^"']+)["']\s*\)/g;
/** One table each: cutting them would only hide their length. */
const WHOLE_TABLES = new Set(["shared/errors.ts", "shared/brokers/ctrader/protocol/open-api.generated.ts"]);
const TEST_FILE = /(?:\.test\.tsx?|\.contract\.ts)$|\/(?:testing|contracts)\/|^tests\/|-contract\.ts$/;

export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** Every breach of the rules, one line each; none when the code keeps them. Pure. */
export function findBreaches(files: readonly SourceFile[]): readonly string[] {
  return files.filter(({ path }) => !TEST_FILE.test(path)).flatMap(breachesOf);
}

function breachesOf(file: SourceFile): readonly string[] {
  return [...importBreaches(file), ...edgeBreaches(file), ...lengthBreaches(file)];
}

function importBreaches({ path, text }: SourceFile): readonly string[] {
  const place = PLACES.find((one) => path.startsWith(one.prefix));
  if (place === undefined) return [`${path} lies in no known place; add it to infra/check/layers.ts`];
  return importsOf(path, text).flatMap((target) => {
    if (target.startsWith(place.prefix) && !isForeignAdapter(path, target)) return [];
    const mayImport = place.mayImport.some((prefix) => target.startsWith(prefix));
    return mayImport && !isForeignAdapter(path, target) ? [] : [`${path} may not import ${target}`];
  });
}

function isForeignAdapter(path: string, target: string): boolean {
  const adapter = ADAPTERS.find((one) => target.startsWith(one.prefix));
  return adapter !== undefined && !adapter.mayBeImportedBy.some((prefix) => path.startsWith(prefix));
}

function importsOf(path: string, text: string): readonly string[] {
  return [...text.matchAll(IMPORT)].map((match) =>
    posix.normalize(posix.join(posix.dirname(path), match[1] ?? match[2] ?? "")),
  );
}

function edgeBreaches({ path, text }: SourceFile): readonly string[] {
  return EDGES.filter((edge) => !edge.places.some((prefix) => path.startsWith(prefix)))
    .filter((edge) => edge.pattern.test(withoutComments(text)))
    .map((edge) => `${path} ${edge.name}, which only the edge may do`);
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/(^|\s)\/\/.*$/gm, "$1");
}

function lengthBreaches({ path, text }: SourceFile): readonly string[] {
  const lines = text.split("\n").length - 1;
  if (WHOLE_TABLES.has(path)) return [];
  return lines > LONGEST_FILE_LINES ? [`${path} has ${lines} lines; at most ${LONGEST_FILE_LINES}`] : [];
}

/** The files that git knows or would take, as they are now. */
function readSources(): readonly SourceFile[] {
  const listed = execFileSync(
    "git",
    ["ls-files", "--cached", "--others", "--exclude-standard", "*.ts", "*.tsx"],
    {
      encoding: "utf8",
    },
  );
  return listed
    .split("\n")
    .filter((path) => path !== "" && !posix.basename(path).endsWith(".config.ts"))
    .map((path) => ({ path, text: readFileSync(path, "utf8") }));
}

function main(): void {
  const breaches = findBreaches(readSources());
  for (const breach of breaches) process.stderr.write(`${breach}\n`);
  if (breaches.length > 0) process.exitCode = 1;
}

if (import.meta.main) main();
