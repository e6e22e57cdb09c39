// Making and reusing elements. Texts become text nodes, and nothing else.

/** @typedef {Node | string | null | undefined | false} Child */

/**
 * Make an element. Functions become listeners, all else attributes.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, unknown>} [attributes]
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") {
      node.addEventListener(name, /** @type {EventListener} */ (value));
    } else if (value !== null && value !== undefined && value !== false) {
      node.setAttribute(name, value === true ? "" : String(value));
    }
  }
  node.append(.../** @type {(Node | string)[]} */ (children.filter((it) => it || it === "")));
  return node;
}

/**
 * Make one of Home Assistant's icons.
 * @param {string} name
 */
export function icon(name) {
  const node = document.createElement("ha-icon");
  node.setAttribute("icon", name);
  node.setAttribute("aria-hidden", "true");
  return node;
}

/**
 * Make a button that shows an icon and says what it does.
 * @param {string} label
 * @param {string} name
 * @param {(event: Event) => void} click
 * @param {Record<string, unknown>} [attributes]
 */
export function iconButton(label, name, click, attributes = {}) {
  const shown = { type: "button", class: "icon", "aria-label": label, title: label };
  return make("button", { ...shown, ...attributes, click }, icon(name));
}

/** @type {WeakMap<Node, {key: string, shows: string}>} */
const known = new WeakMap();

/**
 * Let a container have a child for each item; children that show the same stay, with
 * their focus and their pictures.
 * @template T
 * @param {Element} container
 * @param {readonly T[]} items
 * @param {(item: T) => string} keyOf
 * @param {(item: T) => HTMLElement} draw
 */
export function fill(container, items, keyOf, draw) {
  /** @type {Map<string, ChildNode>} */
  const there = new Map();
  for (const child of container.childNodes) {
    there.set(known.get(child)?.key ?? "", child);
  }
  const wanted = items.map((item) => {
    const key = keyOf(item);
    const shows = JSON.stringify(item);
    const old = there.get(key);
    if (old && known.get(old)?.shows === shows) {
      return old;
    }
    const node = draw(item);
    known.set(node, { key, shows });
    return node;
  });
  const kept = new Set(/** @type {Node[]} */ (wanted));
  for (const child of [...container.childNodes]) {
    if (!kept.has(child)) {
      child.remove();
    }
  }
  wanted.forEach((node, place) => {
    const now = container.childNodes[place];
    if (now !== node) {
      container.insertBefore(node, now ?? null);
    }
  });
}

/**
 * Ask a question in a dialog; the answer is what was entered, or null.
 * @param {ParentNode & Node} root
 * @param {{text: string, yes: string, no?: string, label?: string, danger?: boolean}} question
 * @returns {Promise<string | null>}
 */
export function ask(root, question) {
  return new Promise((resolve) => {
    const field = question.label
      ? make("input", { type: "text", required: true, maxlength: 100, dir: "auto" })
      : null;
    const kind = question.danger ? "primary danger" : "primary";
    const dialog = make(
      "dialog",
      {
        "aria-label": question.text,
        close: () => {
          dialog.remove();
          resolve(dialog.returnValue === "yes" ? (field?.value.trim() ?? "") : null);
        },
      },
      make(
        "form",
        { method: "dialog" },
        make("p", {}, question.text),
        field && make("label", {}, question.label, field),
        make(
          "div",
          { class: "buttons" },
          question.no && make("button", { value: "no", formnovalidate: true }, question.no),
          make("button", { value: "yes", class: kind }, question.yes),
        ),
      ),
    );
    root.append(dialog);
    dialog.showModal();
  });
}
