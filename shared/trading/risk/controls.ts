/** The table of controls: what is looked at before an order is written down. Stable codes. */
export const CONTROLS = {} as const satisfies Record<string, unknown>;
export type ControlCode = string;
