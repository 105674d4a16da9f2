import { ask, order, root } from "./api.js";
import { element, say } from "./dom.js";

const TITLES = {
  etrade: "Simulated broker",
  ctrader: "Simulated cTrader",
  telegram: "Simulated phone",
  perplexity: "Simulated Perplexity",
  delivery: "Deliveries",
};

/** Text as it is; everything else as JSON; nothing for a switch that is empty. */
function toText(value) {
  if (value === null || value === undefined) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** The other way: what reads as JSON is JSON, all else is text, and an empty field empties the switch. */
function fromText(text) {
  const trimmed = text.trim();
  if (trimmed === "") return null;
  try {
    return JSON.parse(trimmed);
  } catch {
    return trimmed;
  }
}

/** The choices of a switch that takes one of a few words or numbers. */
function choicesOf({ value, takes }) {
  if (typeof value !== "string" && typeof value !== "number") return [];
  return /^[\w-]+(, [\w-]+)+$/.test(takes ?? "") ? takes.split(", ") : [];
}

/** A control by the type of the value: how it looks, what it holds, and how a value is put in. */
function controlFor(one) {
  if (typeof one.value === "boolean") {
    const input = element("input", { type: "checkbox", className: "toggle", role: "switch" });
    return { input, read: () => input.checked, write: (value) => (input.checked = value) };
  }
  const choices = choicesOf(one);
  if (choices.length > 0) {
    const options = choices.map((choice) => element("option", { value: choice }, choice));
    const input = element("select", { className: "field" }, ...options);
    const isNumber = typeof one.value === "number";
    const read = () => (isNumber ? Number(input.value) : input.value);
    return { input, read, write: (value) => (input.value = String(value)) };
  }
  if (typeof one.value === "number") {
    const input = element("input", { type: "number", step: "any", className: "field", required: true });
    return { input, read: () => input.valueAsNumber, write: (value) => (input.value = String(value)) };
  }
  const input = element("input", {
    type: "text",
    className: "field",
    spellcheck: false,
    autocomplete: "off",
  });
  return { input, read: () => fromText(input.value), write: (value) => (input.value = toText(value)) };
}

function shown(value) {
  if (typeof value === "boolean") return value ? "on" : "off";
  return toText(value) || "empty";
}

function isSame(one, other) {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** Text whose parts between backticks are code. */
function proseOf(text) {
  return text.split("`").map((part, index) => (index % 2 === 1 ? element("code", {}, part) : part));
}

/** One switch: its control, its words, and the way back to its start. */
function createSwitch(board, one, act) {
  const id = `${board}-${one.name}`;
  const { input, read, write } = controlFor(one);
  input.id = id;
  input.setAttribute("aria-describedby", `${id}-about`);
  const isPlain = typeof one.value === "boolean" || input instanceof HTMLSelectElement;
  const takes = one.takes === undefined || isPlain ? "" : ` Takes: ${one.takes}.`;
  const about = element("p", { id: `${id}-about`, className: "hint" }, ...proseOf(one.description + takes));
  const back = element("button", { type: "button", className: "chip back" }, "Put back");
  back.setAttribute("aria-label", `Put ${one.name} back`);
  const label = element("label", { htmlFor: id }, one.name);
  const row = element(
    "div",
    { className: "switch" },
    label,
    about,
    element("div", { className: "set" }, input, back),
  );

  async function set(value, words) {
    const isDone = await act(`Setting ${one.name}…`, async () => {
      const { faults } = await order(`${root}/${board}/faults`, { [one.name]: value });
      const now = faults[one.name];
      write(now);
      return `${one.name} ${words} ${shown(now)}.`;
    });
    input.setAttribute("aria-invalid", String(!isDone));
  }
  input.addEventListener("change", () => set(read(), "is now"));
  back.addEventListener("click", () => set(null, "is put back to"));

  return {
    row,
    /** Leaves alone what somebody is typing, or has typed wrongly. */
    show({ value, initial }) {
      const isChanged = initial !== undefined && !isSame(value, initial);
      row.classList.toggle("changed", isChanged);
      back.hidden = initial !== undefined && !isChanged;
      if (document.activeElement !== input && input.getAttribute("aria-invalid") !== "true") write(value);
      return isChanged;
    },
  };
}

/** The switches of every simulator. `act` runs one order at a time and tells how it went. */
export function createBoards(act) {
  const place = document.querySelector("#boards");
  const boards = new Map();

  function add(name) {
    const count = element("span", { className: "count" });
    const list = element("div", { className: "switches" });
    place.append(element("details", {}, element("summary", {}, `${TITLES[name]} `, count), list));
    boards.set(name, { count, list, switches: new Map() });
  }

  function show(name, views) {
    if (!boards.has(name)) add(name);
    const { count, list, switches } = boards.get(name);
    let changed = 0;
    for (const one of views) {
      const known = switches.get(one.name) ?? createSwitch(name, one, act);
      if (!switches.has(one.name)) list.append(known.row);
      switches.set(one.name, known);
      if (known.show(one)) changed += 1;
    }
    say(count, changed === 0 ? "unchanged" : `${changed} changed`);
  }

  return {
    async refresh() {
      for (const name of Object.keys(TITLES)) {
        const { switches } = await ask(`${root}/${name}/faults`);
        show(name, switches);
      }
    },
  };
}
