/** Writes records out, page by page, so that a store of any size fits through. */
import { Temporal } from "temporal-polyfill";
import type { Query, Store, Stored, StoredDocument } from "../../../shared/platform/store.ts";
import { encodeDocument } from "../../../shared/platform/stored-document.ts";
import { csvLine } from "./csv.ts";
import type { ExportTable, Fields } from "./export-tables.ts";

export interface ExportRequest {
  readonly table: ExportTable;
  readonly format: "csv" | "json";
  readonly account?: string;
  /** From this instant on. */
  readonly from?: Temporal.Instant;
  /** Before this instant. */
  readonly until?: Temporal.Instant;
}

const PAGE = 1_000;
/** Before every id that a document of ours has. */
const FIRST_ID = "-";

/** Gives `write` the text piece by piece, and resolves with the number of records. */
export async function exportRecords(
  store: Pick<Store, "query">,
  request: ExportRequest,
  write: (text: string) => Promise<void>,
): Promise<number> {
  const { table, format } = request;
  let count = 0;
  if (format === "csv") await write(csvLine(table.columns));
  for await (const documents of pagesOf(store, request)) {
    if (format === "csv") await write(documents.map((one) => csvLine(cellsOf(table, one))).join(""));
    else await write(jsonOf(documents, count));
    count += documents.length;
  }
  if (format === "json") await write(count === 0 ? "[]\n" : "\n]\n");
  return count;
}

/** One record a line, so that tools that read by lines can follow. */
function jsonOf(documents: readonly StoredDocument[], before: number): string {
  return documents
    .map((one, index) => `${before + index === 0 ? "[\n" : ",\n"}${JSON.stringify(one)}`)
    .join("");
}

function cellsOf({ columns }: ExportTable, document: StoredDocument): readonly (string | undefined)[] {
  return columns.map((path) => {
    let value: unknown = document;
    for (const key of path.split(".")) value = (value as StoredDocument | undefined)?.[key];
    if (value === undefined || value === null) return undefined;
    return typeof value === "object" ? JSON.stringify(value) : String(value);
  });
}

async function* pagesOf(
  store: Pick<Store, "query">,
  { table, account, from, until }: ExportRequest,
): AsyncGenerator<readonly StoredDocument[]> {
  const { records, time, order } = table;
  const isBefore = (one: Temporal.Instant | undefined, other: Temporal.Instant) =>
    one !== undefined && Temporal.Instant.compare(one, other) < 0;
  const timeOf = ({ value }: Stored<Fields>) => value[time] as Temporal.Instant | undefined;
  const conditions = {
    ...(account !== undefined && table.account !== undefined && { where: { [table.account]: account } }),
    ...(order === "time" && { orderBy: [time, "asc"] }),
    limit: PAGE,
  } as Query<Fields>;
  let after: Stored<Fields> | undefined =
    order === "time" && from !== undefined ? { id: FIRST_ID, value: { [time]: from } } : undefined;
  for (;;) {
    const page: readonly Stored<Fields>[] = await store.query(records, {
      ...conditions,
      ...(after && { after }),
    });
    const wanted = page.filter((one) => {
      const at = timeOf(one);
      return (from === undefined || !isBefore(at, from)) && (until === undefined || isBefore(at, until));
    });
    if (wanted.length > 0) yield wanted.map(({ id, value }) => encodeDocument(records, id, value));
    after = page.at(-1);
    const isOver =
      order === "time" && until !== undefined && after !== undefined && !isBefore(timeOf(after), until);
    if (page.length < PAGE || after === undefined || isOver) return;
  }
}
