import { Temporal } from "temporal-polyfill";
import { expect, test } from "vitest";
import { easterSunday, halfDaysIn, holidaysIn } from "./holidays.ts";
import { SPECIAL_DAYS } from "./special-days.ts";

/** Easter Sundays as churches keep them; with the earliest and the latest of two centuries. */
test.each([
  "1943-04-25",
  "2000-04-23",
  "2008-03-23",
  "2011-04-24",
  "2019-04-21",
  "2024-03-31",
  "2025-04-20",
  "2026-04-05",
  "2030-04-21",
  "2035-03-25",
  "2038-04-25",
  "2049-04-18",
  "2076-04-19",
  "2099-04-12",
])("Easter falls on %s", (text) => {
  const expected = Temporal.PlainDate.from(text);

  expect(easterSunday(expected.year).toString()).toBe(text);
});

test("holidays and half days of a century lie on weekdays of their own year, ascending and without overlap", () => {
  for (let year = 2000; year <= 2099; year++) {
    const holidays = holidaysIn(year).map((day) => day.date);
    const halves = halfDaysIn(year).map((day) => day.date);

    for (const days of [holidays, halves]) {
      expect(days).toEqual([...days].sort(Temporal.PlainDate.compare));
      expect(days.every((day) => day.year === year && day.dayOfWeek <= 5)).toBe(true);
    }
    const texts = [...holidays, ...halves].map(String);
    expect(new Set(texts).size).toBe(texts.length);
  }
});

test("Juneteenth is a holiday from 2022 on", () => {
  const names = (year: number) => holidaysIn(year).map((day) => day.reason);

  expect(names(2021).join()).not.toContain("Juneteenth");
  expect(names(2022)).toContain("Juneteenth (observed)");
  expect(names(2023)).toContain("Juneteenth");
});

test("special days are valid weekdays, each once, oldest first, with a reason", () => {
  const dates = SPECIAL_DAYS.map((day) => day.date);

  expect(dates).toEqual([...new Set(dates)].sort());
  for (const day of SPECIAL_DAYS) {
    const date = Temporal.PlainDate.from(day.date);
    expect(date.toString()).toBe(day.date);
    expect(date.dayOfWeek).toBeLessThanOrEqual(5);
    expect(day.reason).not.toBe("");
  }
});
