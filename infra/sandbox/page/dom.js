/** Makes an element; a property that is no DOM property is set as an attribute. */
export function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key in made) made[key] = value;
    else made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

/** Changes a text only when it is another one, so that a screen reader does not read it twice. */
export function say(place, text) {
  if (place.textContent !== text) place.textContent = text;
}
