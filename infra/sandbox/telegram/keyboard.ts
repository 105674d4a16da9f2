import { z } from "zod";
import { nested } from "./bot-api-params.ts";
import type { PhoneButton } from "./chat-state.ts";

const buttonSchema = z.looseObject({
  text: z.string(),
  url: z.string().optional(),
  callback_data: z.string().optional(),
});

/** `reply_markup` of a call. Other keyboards than inline ones do not parse. */
export const replyMarkupParam = nested(
  z.strictObject({ inline_keyboard: z.array(z.array(buttonSchema)) }),
).optional();

/** The buttons of a keyboard, or Telegram's complaint about the first one that is wrong. */
export function readKeyboard(
  markup: z.output<typeof replyMarkupParam>,
  options: { readonly publicUrlsOnly: boolean },
): { readonly buttons: PhoneButton[][] } | { readonly complaint: string } {
  const rows: PhoneButton[][] = [];
  for (const row of markup?.inline_keyboard ?? []) {
    const buttons: PhoneButton[] = [];
    for (const button of row) {
      const complaint = complaintAbout(button, options);
      if (complaint !== undefined) return { complaint };
      if (button.url !== undefined) buttons.push({ text: button.text, url: button.url });
      else buttons.push({ text: button.text, callbackData: button.callback_data ?? "" });
    }
    if (buttons.length > 0) rows.push(buttons);
  }
  return { buttons: rows };
}

function complaintAbout(
  button: z.output<typeof buttonSchema>,
  options: { readonly publicUrlsOnly: boolean },
): string | undefined {
  if (button.text.trim() === "") return "inline keyboard button text must be non-empty";
  if (button.url !== undefined) return complaintAboutUrl(button.url, options);
  if (button.callback_data === undefined) return "text buttons are unallowed in the inline keyboard";
  const bytes = Buffer.byteLength(button.callback_data, "utf8");
  return bytes >= 1 && bytes <= 64 ? undefined : "BUTTON_DATA_INVALID";
}

function complaintAboutUrl(text: string, options: { readonly publicUrlsOnly: boolean }): string | undefined {
  // Telegram repeats the whole address here, secrets in it included.
  const complaint = (why: string) => `inline keyboard button URL '${text}' is invalid: ${why}`;
  const url = URL.parse(text);
  if (url === null) return complaint("Wrong HTTP URL");
  if (url.protocol === "tg:") return undefined;
  if (url.protocol !== "http:" && url.protocol !== "https:") return complaint("Unsupported URL protocol");
  return options.publicUrlsOnly && !url.hostname.includes(".") ? complaint("Wrong HTTP URL") : undefined;
}
