import { readdir, readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";

/** What all files of one kind weigh, in bytes; compressed each by itself, as they travel. */
export interface Weight {
  readonly kind: string;
  readonly files: number;
  readonly plain: number;
  readonly gzip: number;
  readonly brotli: number;
}

const KINDS = [
  ["HTML", ".html"],
  ["JavaScript", ".js"],
  ["CSS", ".css"],
] as const;

/** Weighs the built page in `folder` at each tool's strongest setting. */
export async function measureWeights(folder: string): Promise<readonly Weight[]> {
  const names = await readdir(folder, { recursive: true });
  return Promise.all(
    KINDS.map(async ([kind, extension]) => {
      const own = names.filter((name) => extname(name) === extension);
      const files = await Promise.all(own.map((name) => readFile(join(folder, name))));
      const sum = (size: (file: Buffer) => number) => files.reduce((total, file) => total + size(file), 0);
      return {
        kind,
        files: files.length,
        plain: sum((file) => file.length),
        gzip: sum((file) => gzipSync(file, { level: 9 }).length),
        brotli: sum((file) => brotliCompressSync(file).length),
      };
    }),
  );
}
