// Small helpers that build and update what is seen; every text goes in as text.

export const $ = (id) => document.getElementById(id);

export function element(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

// Sets a text only when it differs, so that screen readers hear changes only.
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

// Brings a list's children in line with items: keeps nodes by key, adds, drops, orders.
export function sync(list, items, keyOf, create, update) {
  const kept = new Map();
  for (const node of [...list.children]) kept.set(node.dataset.key, node);
  let place = list.firstElementChild;
  for (const item of items) {
    const key = keyOf(item);
    let node = kept.get(key);
    if (node) {
      kept.delete(key);
    } else {
      node = create(item);
      node.dataset.key = key;
    }
    update(node, item);
    if (node === place) place = place.nextElementSibling;
    else list.insertBefore(node, place);
  }
  for (const node of kept.values()) node.remove();
}

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const precise = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
export const timeOf = (seconds) => clock.format(new Date(seconds * 1000));
export const exactTimeOf = (seconds) => precise.format(new Date(seconds * 1000));

export function hueOf(text) {
  let sum = 0;
  for (const char of text) sum = (sum * 31 + char.codePointAt(0)) % 360;
  return sum;
}

export function paintAvatar(node, number) {
  const label = /\d/.test(number) ? number.replace(/\D/g, "").slice(-2) : [...number].slice(0, 2).join("").toUpperCase();
  setText(node, label || "?");
  node.style.setProperty("--hue", hueOf(number));
}

export async function ask(method, path, body) {
  const response = await fetch(path, {
    method,
    headers: body === undefined ? {} : { "Content-Type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(answer.message || `status ${response.status}`);
  return answer;
}
