/** Each first piece of `text` replaced by the second; throws when one is not in it, as after an update of the package at `path`. */
export function edited(path: string, text: string, edits: readonly (readonly [string, string])[]): string {
  return edits.reduce((now, [from, to]) => {
    if (!now.includes(from))
      throw new Error(`${path} has changed: there is no ${JSON.stringify(from)} in it.`);
    return now.replace(from, () => to);
  }, text);
}
