/**
 * What stands for two names of the web in Google's packages. Node has them too, but with the first of them that is
 * read come `fetch`, WebSocket and their parser, 13 MiB.
 */
const STAND_INS: readonly (readonly [name: RegExp, text: string])[] = [
  // What the package by which they speak HTTP makes of headers anyway.
  [/\bHeaders\b/, `const { default: Headers } = require("node-fetch/src/headers.js");`],
  // They ask of bodies whether they are one. None is: no form is sent.
  [/\bFormData\b/, "class FormData {}"],
];

/** The text of a package's file, with the names that it uses put before it. */
export function withWebNames(text: string): string {
  return [...STAND_INS.flatMap(([name, standIn]) => (name.test(text) ? [standIn] : [])), text].join("\n");
}
