// Conversations beside the one that is open; what the page and the card both show.

import { Compose } from "./compose.js";
import { ask, fill, icon, iconButton, make } from "./elements.js";
import { Model } from "./model.js";
import { STYLE } from "./style.js";
import { Thread } from "./thread.js";
import { Words } from "./words.js";

/** @typedef {import("./types").Hass} Hass */
/** @typedef {import("./types").Message} Message */
/** @typedef {import("./types").Place} Place */

const DAYS = 30;
const SEARCH_PAUSE = 250;

export class SmsGateMessages extends HTMLElement {
  /** @type {Hass | undefined} */
  _hass;
  /** @type {Words | undefined} */
  words;
  /** @type {string | null} - the one conversation of a card, as it was entered */
  only = null;
  /** @type {string | undefined} */
  entryId;

  set hass(/** @type {Hass} */ hass) {
    const before = this._hass;
    this._hass = hass;
    if (this.model) {
      this.model.hass = hass;
    }
    if (!before || before.locale.language !== hass.locale.language) {
      this.begin();
    }
  }

  connectedCallback() {
    this.begin();
    document.addEventListener("visibilitychange", this.look);
  }

  disconnectedCallback() {
    document.removeEventListener("visibilitychange", this.look);
    this.model?.stop();
    this.model = undefined;
  }

  /** Draw once there is a language, then follow what changes. */
  async begin() {
    if (!this._hass || !this.isConnected) {
      return;
    }
    this.model?.stop();
    const model = new Model(() => this.draw(), this.entryId, this.only);
    model.hass = this._hass;
    this.model = model;
    const words = await Words.load(this._hass);
    if (this.model !== model) {
      return;
    }
    this.words = words;
    this.build(words, model);
    await model.start();
  }

  /**
   * @param {Words} words
   * @param {Model} model
   */
  build(words, model) {
    const root = this.shadowRoot ?? this.attachShadow({ mode: "open" });
    const say = words.say.bind(words);
    this.thread = new Thread(root, words, model, () => this.close());
    this.compose = new Compose(root, words, model, (place) => this.open(place));
    this.banner = make("div", { class: "banner", role: "status" });
    this.list = make("div", { class: "list", role: "list", scroll: () => this.scrolled() });
    this.search = make("input", {
      type: "search",
      dir: "auto",
      maxlength: 200,
      placeholder: say("search"),
      "aria-label": say("search"),
      input: () => this.searchSoon(),
    });
    const bar = make(
      "div",
      { class: "bar" },
      this.search,
      iconButton(say("new_message"), "mdi:message-plus-outline", () => this.write()),
    );
    if (this._hass?.user.is_admin && !this.only) {
      bar.append(iconButton(say("delete_all"), "mdi:delete-sweep-outline", () => this.empty()));
    }
    const conversations = make(
      "nav",
      { class: "conversations", "aria-label": say("messages") },
      bar,
      this.list,
    );
    const { recipient, element } = this.compose;
    const open = make("main", { class: "open" }, recipient, this.thread.element, element);
    this.frame = make("div", { class: "frame" }, ...(this.only ? [] : [conversations]), open);
    this.frame.classList.toggle("single", Boolean(this.only));
    const style = make("style", {}, STYLE);
    root.replaceChildren(style, make("div", { class: "all" }, this.banner, this.frame));
  }

  draw() {
    const { model, words } = this;
    if (!model || !words || !this.list || !this.frame) {
      return;
    }
    this.drawBanner();
    const isSearch = Boolean(model.query);
    const shown = isSearch ? model.found : model.conversations;
    const rows = shown.map((it) => ({
      ...it,
      isSearch,
      isOpen: !isSearch && isSame(it, model.place),
      when: words.short(it.time),
    }));
    fill(this.list, rows, keyOf, (it) => this.drawRow(it));
    if (!rows.length && model.isLoaded && !model.error) {
      const text = words.say(isSearch ? "no_results" : "no_conversations");
      fill(this.list, [text], String, (it) => make("p", { class: "hint" }, it));
    }
    const isOpen = Boolean(model.place || this.compose?.isNew);
    this.frame.classList.toggle("has-open", isOpen);
    this.thread?.draw(Boolean(this.compose?.isNew));
    this.compose?.draw();
    this.scrolled();
    this.look();
  }

  /** @param {Message & {isSearch: boolean, isOpen: boolean, when: string}} message */
  drawRow(message) {
    const words = /** @type {Words} */ (this.words);
    const unread = message.isSearch ? 0 : (message.unread ?? 0);
    const name = message.contact ?? message.number;
    const badge =
      unread > 0 &&
      make(
        "span",
        { class: "badge", "aria-label": words.say("unread", { count: words.number(unread) }) },
        words.number(unread),
      );
    return make(
      "div",
      { role: "listitem" },
      make(
        "button",
        {
          type: "button",
          class: unread ? "row unread" : "row",
          "aria-current": message.isOpen && "true",
          click: () => this.open(message),
        },
        make("span", { class: "face", "aria-hidden": "true" }, initial(name)),
        make("span", { class: "name" }, make("bdi", {}, name)),
        make("span", { class: "when" }, message.when),
        make(
          "span",
          { class: "last" },
          message.is_outgoing && icon("mdi:arrow-top-right"),
          make("bdi", {}, summary(message, words)),
        ),
        badge,
      ),
    );
  }

  /** Ask whether conversations are kept, or say why there are none. */
  drawBanner() {
    const { model, words, banner } = this;
    if (!model || !words || !banner) {
      return;
    }
    const say = words.say.bind(words);
    const isAdmin = this._hass?.user.is_admin;
    const open = model.accounts.filter((it) => it.days === null);
    const isKept = model.accounts.some((it) => it.days);
    const isRefused = Boolean(model.error) && !model.accounts.length;
    this.frame?.classList.toggle("hidden", isRefused || (!isKept && !model.conversations.length));
    // What is announced once stays, and so does the focus in it
    const shows = JSON.stringify([model.error, open.length, isKept, model.isLoaded]);
    if (banner.dataset.shows === shows) {
      return;
    }
    banner.dataset.shows = shows;
    const keep = make(
      "button",
      { type: "button", class: "primary", click: () => model.keep(DAYS) },
      say("keep", { days: words.number(DAYS) }),
    );
    const no = make("button", { type: "button", click: () => model.keep(0) }, say("do_not_keep"));
    banner.replaceChildren();
    if (model.error) {
      const text = model.error === "unauthorized"
        ? say("not_allowed")
        : say("cannot_load", { reason: model.error });
      banner.append(make("p", {}, text));
    } else if (open.length && isAdmin) {
      banner.append(
        make("h2", {}, say("keep_question", { days: words.number(DAYS) })),
        make("p", {}, say("keep_text")),
        make("div", { class: "buttons" }, no, keep),
      );
    } else if (!isKept && model.isLoaded) {
      banner.append(make("p", {}, say("not_kept")));
      if (isAdmin && model.accounts.length) {
        banner.append(make("div", { class: "buttons" }, keep));
      }
    }
    banner.hidden = !banner.childNodes.length;
  }

  /** @param {Place} place */
  open({ config_entry_id, conversation }) {
    this.compose?.endNew();
    this.model?.open({ config_entry_id, conversation });
    this.frame?.querySelector("textarea")?.focus({ preventScroll: true });
  }

  close() {
    this.compose?.endNew();
    this.model?.open(null);
    this.search?.focus();
  }

  write() {
    this.model?.open(null);
    this.compose?.beginNew();
    this.draw();
  }

  async empty() {
    const { model, words } = this;
    if (model && words && this.shadowRoot) {
      const answer = await ask(this.shadowRoot, {
        text: words.say("delete_all_question"),
        yes: words.say("delete_all"),
        no: words.say("cancel"),
        danger: true,
      });
      if (answer !== null) {
        await model.delete(null);
        await model.open(null);
      }
    }
  }

  searchSoon() {
    clearTimeout(this.timer);
    const query = this.search?.value.trim() ?? "";
    this.timer = setTimeout(() => this.model?.search(query), query ? SEARCH_PAUSE : 0);
  }

  scrolled() {
    const { list } = this;
    if (list && !this.model?.query && list.scrollTop + 2 * list.clientHeight > list.scrollHeight) {
      this.model?.more();
    }
  }

  /** Mark as read what somebody looks at. */
  look = () => {
    if (document.visibilityState === "visible") {
      this.model?.markRead();
    }
  };
}

/** @param {Message & {isSearch: boolean}} message */
function keyOf({ isSearch, config_entry_id, conversation, id }) {
  return `${config_entry_id} ${isSearch ? id : conversation}`;
}

/**
 * @param {Place} left
 * @param {Place | null} right
 */
function isSame(left, right) {
  return (
    left.config_entry_id === right?.config_entry_id && left.conversation === right.conversation
  );
}

/** @param {string} name */
function initial(name) {
  return /^[\s\p{L}]*\p{L}/u.test(name) ? [...name.trim()][0]?.toUpperCase() : "#";
}

/**
 * Return a message in one line.
 * @param {Message} message
 * @param {Words} words
 */
function summary(message, words) {
  const text = [message.subject, message.text].filter(Boolean).join(" · ");
  if (text) {
    return text;
  }
  if (message.files.length) {
    return message.files[0]?.name ?? words.say("attachment");
  }
  return words.say(message.kind === "mms_header" ? "mms_waiting" : "no_text");
}

if (!customElements.get("sms-gate-messages")) {
  customElements.define("sms-gate-messages", SmsGateMessages);
}
