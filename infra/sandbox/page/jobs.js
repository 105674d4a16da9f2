import { order, root } from "./api.js";
import { momentText } from "./clock.js";
import { element, say } from "./dom.js";

function runText({ at, status }) {
  const outcome = status === 200 ? "good" : status === 0 ? "not reached" : `failed (${status})`;
  return `${outcome}, ${momentText(at)}`;
}

/** The table of jobs. `act` runs one order at a time and tells how it went. */
export function createJobs(act) {
  const body = document.querySelector("#jobs");
  const rows = new Map();

  function add(job) {
    const nextAt = element("td", { "data-label": "Next run" });
    const lastRun = element("td", { "data-label": "Last run" });
    const button = element("button", { type: "button", className: "button" }, "Run now");
    button.setAttribute("aria-label", `Run ${job.name} now`);
    button.addEventListener("click", () =>
      act(`Running ${job.name}…`, async () => {
        const run = await order(`${root}/jobs/${encodeURIComponent(job.name)}/run`);
        return `${job.name}: ${runText(run)}.`;
      }),
    );
    const schedule = element("code", { className: "schedule" }, job.schedule);
    const name = element("th", { scope: "row" }, job.name, schedule);
    body.append(element("tr", {}, name, nextAt, lastRun, element("td", {}, button)));
    rows.set(job.name, { nextAt, lastRun });
  }

  return {
    show(jobs) {
      for (const job of jobs) {
        if (!rows.has(job.name)) add(job);
        const { nextAt, lastRun } = rows.get(job.name);
        say(nextAt, momentText(job.nextAt));
        say(lastRun, job.lastRun === undefined ? "not yet" : runText(job.lastRun));
      }
    },
  };
}
