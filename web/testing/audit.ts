import type { Page } from "playwright-core";

/** Texts with less contrast than WCAG AA asks for; disabled controls are exempt. */
export async function findFaintText(page: Page): Promise<string[]> {
  // Colours that are still fading would be measured on their way.
  await page.waitForFunction(() =>
    document.getAnimations().every((animation) => !(animation instanceof CSSTransition)),
  );
  return await page.evaluate(() => {
    type Color = [number, number, number, number];
    const parse = (text: string): Color => {
      const [red = 0, green = 0, blue = 0, alpha = 1] = (text.match(/[\d.]+/g) ?? []).map(Number);
      return [red, green, blue, alpha];
    };
    const luminance = (color: Color) => {
      const [red = 0, green = 0, blue = 0] = color.slice(0, 3).map((channel) => {
        const share = channel / 255;
        return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const groundOf = (element: Element | null): Color => {
      if (element === null) return [255, 255, 255, 1];
      const color = parse(getComputedStyle(element).backgroundColor);
      return color[3] === 1 ? color : groundOf(element.parentElement);
    };

    const faint: string[] = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const element = walker.currentNode.parentElement;
      const text = walker.currentNode.textContent?.trim() ?? "";
      if (element === null || text === "" || !element.checkVisibility()) continue;
      if (
        element.closest(":disabled, [aria-disabled='true'], [aria-hidden='true'], .unseen, noscript") !== null
      )
        continue;
      const style = getComputedStyle(element);
      const front = luminance(parse(style.color));
      const back = luminance(groundOf(element));
      const contrast = (Math.max(front, back) + 0.05) / (Math.min(front, back) + 0.05);
      const size = Number.parseFloat(style.fontSize);
      const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
      if (contrast < (isLarge ? 3 : 4.5)) faint.push(`${text}: ${contrast.toFixed(2)}`);
    }
    return faint;
  });
}

/** Controls smaller than 44 by 44 px. */
export async function findSmallTargets(page: Page): Promise<string[]> {
  return await page.evaluate(() =>
    [...document.querySelectorAll("button, a, input, summary")].flatMap((element) => {
      const { width, height } = element.getBoundingClientRect();
      return width >= 44 && height >= 44 ? [] : [`${element.textContent}: ${width} × ${height}`];
    }),
  );
}
