/**
 * Loads a file in a thread of its own first: what never comes to an end there would hold up everything in this
 * one, and nothing could stop it. It guards against mistakes, not against malice.
 */
import { Worker } from "node:worker_threads";

/** Far more than any file takes, on a busy machine too; by the machine's time. */
export const LOAD_MS = 5_000;

/** `ends`: it was loaded, or threw, which its next load tells; the others are what is wrong with it. */
export type Trial = "ends" | "takes too long" | "ends its process or waits for ever";

const THREAD = `
const { parentPort, workerData } = require("node:worker_threads");
const ended = () => parentPort.postMessage("ends");
import(workerData).then(ended, ended);
`;

/** Never rejects; the thread is gone when it resolves. */
export async function tryLoading(url: string, limitMs: number): Promise<Trial> {
  const thread = new Worker(THREAD, { eval: true, workerData: url, stdout: true, stderr: true });
  const limit = AbortSignal.timeout(limitMs);
  const trial = await new Promise<Trial>((resolve) => {
    thread.once("message", () => resolve("ends"));
    thread.once("error", () => resolve("ends"));
    thread.once("exit", () => resolve("ends its process or waits for ever"));
    limit.addEventListener("abort", () => resolve("takes too long"), { once: true });
  });
  await thread.terminate();
  return trial;
}
