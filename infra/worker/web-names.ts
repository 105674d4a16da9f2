/**
 * What stands in the bundle where a package asks for these names of the web. Node has them too, but with the first of
 * them that is read come `fetch`, WebSocket and their parser, 13 MiB.
 */
// @ts-expect-error: the package tells the types of its whole, which is more than is wanted of it.
import HeadersOfPackage from "node-fetch/src/headers.js";

/** As Node's own: it is what the same package, by which Google's clients speak HTTP, makes of headers anyway. */
export const Headers: unknown = HeadersOfPackage;

/** Google's clients ask of bodies whether they are one of these. None is: no form is sent. */
export class FormData {}
