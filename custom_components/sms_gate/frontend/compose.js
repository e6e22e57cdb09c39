// Writing: to the open conversation, or to somebody new.

import { fill, iconButton, make } from "./elements.js";
import { isDialled } from "./model.js";
import { countParts } from "./parts.js";

/** @typedef {import("./model.js").Model} Model */
/** @typedef {import("./types").Place} Place */
/** @typedef {import("./words.js").Words} Words */

const MOST_FOUND = 6;

export class Compose {
  /**
   * @param {ShadowRoot} root
   * @param {Words} words
   * @param {Model} model
   * @param {(place: Place) => void} open
   */
  constructor(root, words, model, open) {
    this.root = root;
    this.words = words;
    this.model = model;
    this.open = open;
    this.isNew = false;
    this.isSending = false;
    /** @type {Map<string, string>} */
    this.drafts = new Map();
    this.key = "";
    const say = words.say.bind(words);
    this.to = make("input", {
      type: "text",
      dir: "auto",
      maxlength: 100,
      autocomplete: "off",
      placeholder: say("to"),
      "aria-label": say("to"),
      input: () => this.find(),
    });
    this.found = make("div", { class: "found" });
    const back = iconButton(say("back"), "mdi:arrow-left", () => this.cancel(), {
      class: "icon back always",
    });
    const bar = make("div", { class: "bar" }, back, this.to);
    this.recipient = make("div", { class: "recipient" }, bar, this.found);
    this.account = this.select("account", () => this.draw());
    this.phone = this.select("phone", () => this.draw());
    this.sim = this.select("sim", () => this.draw());
    this.when = make("input", {
      type: "datetime-local",
      required: true,
      "aria-label": say("send_later"),
    });
    this.when.hidden = true;
    this.choices = make("div", { class: "choices" }, this.account, this.phone, this.sim, this.when);
    this.field = make("textarea", {
      rows: 1,
      dir: "auto",
      maxlength: 65535,
      placeholder: say("write"),
      "aria-label": say("write"),
      input: () => this.typed(),
      keydown: (/** @type {Event} */ event) => this.pressed(/** @type {KeyboardEvent} */ (event)),
    });
    this.count = make("span", { class: "count", "aria-live": "polite" });
    this.error = make("p", { class: "error", role: "alert" });
    this.later = iconButton(say("send_later"), "mdi:clock-outline", () => this.toggleLater());
    this.button = iconButton(say("send"), "mdi:send", () => this.send(), { class: "icon send" });
    const line = make("div", { class: "line" }, this.field, this.later, this.button);
    this.write = make("div", { class: "write" }, this.error, this.choices, line, this.count);
    this.refused = make("p", { class: "hint" });
    this.element = make("footer", {}, this.write, this.refused);
  }

  /**
   * @param {string} label
   * @param {() => void} changed
   */
  select(label, changed) {
    return make("select", { "aria-label": this.words.say(label), change: changed });
  }

  beginNew() {
    this.isNew = true;
    this.to.value = "";
    this.find();
    this.draw();
    this.to.focus();
  }

  endNew() {
    this.isNew = false;
  }

  cancel() {
    this.endNew();
    this.model.changed();
  }

  /** The account that writes. */
  get from() {
    const id = this.isNew ? this.account.value : this.model.place?.config_entry_id;
    const senders = this.model.accounts.filter((it) => it.can_send);
    const other = this.isNew ? senders[0] : undefined;
    return senders.find((it) => it.config_entry_id === id) ?? other;
  }

  /** The number that is written to. */
  get number() {
    if (!this.isNew) {
      const last = this.model.messages.at(-1);
      return last?.number ?? this.model.place?.conversation ?? "";
    }
    const text = this.to.value.trim();
    const name = text.toLocaleLowerCase();
    const named = this.from?.contacts.find((it) => it.name.toLocaleLowerCase() === name);
    return named?.phone_number ?? text;
  }

  draw() {
    const { model, words } = this;
    const place = model.place;
    this.element.hidden = !place && !this.isNew;
    this.recipient.hidden = !this.isNew;
    if (this.element.hidden) {
      return;
    }
    this.keepDraft(this.isNew ? "new" : `${place?.config_entry_id} ${place?.conversation}`);
    const senders = model.accounts.filter((it) => it.can_send);
    const from = this.from;
    options(this.account, senders.map((it) => [it.config_entry_id, it.title]), null);
    this.account.hidden = !this.isNew || senders.length < 2;
    const automatic = words.say("automatic");
    const phones = from?.phones ?? [];
    options(
      this.phone,
      phones.map((it) => [it.device_id, it.name]),
      `${words.say("phone")}: ${automatic}`,
    );
    this.phone.hidden = phones.length < 2;
    const chosen = phones.find((it) => it.device_id === this.phone.value);
    const sims = (phones.length > 1 ? chosen : phones[0])?.sims ?? [];
    options(
      this.sim,
      sims.map((it) => [
        String(it.sim_number),
        // A server may show nothing of a carrier's name but stars
        [`SIM ${it.sim_number}`, it.name?.replace(/^\*+$/, "")].filter(Boolean).join(" · "),
      ]),
      `${words.say("sim")}: ${automatic}`,
    );
    this.sim.hidden = sims.length < 2;
    const canAnswer = this.isNew || isDialled(this.number);
    const refusal = from ? (canAnswer ? "" : "cannot_answer") : "cannot_send";
    this.write.hidden = Boolean(refusal);
    this.refused.hidden = !refusal;
    this.refused.textContent = refusal && words.say(refusal);
  }

  /**
   * Show the text that was begun for this conversation.
   * @param {string} key
   */
  keepDraft(key) {
    if (key !== this.key) {
      this.drafts.set(this.key, this.field.value);
      this.field.value = this.drafts.get(key) ?? "";
      this.key = key;
      this.error.textContent = "";
      // A time is for one message
      if (!this.when.hidden) {
        this.toggleLater();
      }
      this.typed();
    }
  }

  /** Offer contacts whose name or number has what is typed. */
  find() {
    const text = this.to.value.trim().toLocaleLowerCase();
    const contacts = this.from?.contacts ?? [];
    const matches = contacts.filter(
      (it) => it.name.toLocaleLowerCase().includes(text) || it.phone_number.includes(text),
    );
    const isChosen = matches.some((it) => it.name.toLocaleLowerCase() === text);
    const offered = isChosen ? [] : matches.slice(0, MOST_FOUND);
    fill(this.found, offered, (it) => it.phone_number, (it) =>
      make(
        "button",
        { type: "button", click: () => this.choose(it.name) },
        make("bdi", {}, it.name),
        make("span", { class: "number" }, make("bdi", {}, it.phone_number)),
      ),
    );
  }

  /** @param {string} name */
  choose(name) {
    this.to.value = name;
    this.find();
    this.field.focus();
  }

  typed() {
    const { field, words } = this;
    field.style.height = "auto";
    field.style.height = `${Math.min(field.scrollHeight, 160)}px`;
    const parts = countParts(field.value);
    const isWorth = parts.count > 1 || parts.script !== null;
    const count = isWorth ? words.parts(parts) : "";
    if (this.count.textContent !== count) {
      this.count.textContent = count;
    }
    this.button.disabled = !field.value.trim() || this.isSending;
  }

  /** @param {KeyboardEvent} event */
  pressed(event) {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      this.send();
    }
  }

  toggleLater() {
    this.when.hidden = !this.when.hidden;
    this.when.value = "";
    this.later.setAttribute("aria-pressed", String(!this.when.hidden));
    if (!this.when.hidden) {
      this.when.focus();
    }
  }

  async send() {
    const { field, from, number } = this;
    const message = field.value;
    if (!from || !message.trim() || !number || this.isSending) {
      return;
    }
    if (!this.when.hidden && !this.when.reportValidity()) {
      return;
    }
    this.isSending = true;
    this.button.disabled = true;
    this.error.textContent = "";
    const key = this.key;
    try {
      const id = await this.model.send({
        config_entry_id: from.config_entry_id,
        number,
        message,
        ...(this.phone.hidden || !this.phone.value ? {} : { device_id: this.phone.value }),
        ...(this.sim.hidden || !this.sim.value ? {} : { sim_number: Number(this.sim.value) }),
        ...(this.when.value ? { schedule_at: this.words.entered(this.when.value) } : {}),
      });
      this.sent(key, id);
    } catch (err) {
      this.error.textContent = this.words.error(err);
    } finally {
      this.isSending = false;
      this.typed();
    }
  }

  /**
   * @param {string} key
   * @param {string} id
   */
  sent(key, id) {
    this.drafts.delete(key);
    if (this.key === key) {
      this.field.value = "";
      this.typed();
    }
    if (!this.when.hidden) {
      this.toggleLater();
    }
    if (this.isNew) {
      this.model.expect(id, this.open);
    }
    this.field.focus();
  }
}

/**
 * Let a select offer these; what was chosen stays chosen.
 * @param {HTMLSelectElement} select
 * @param {[string, string][]} choices
 * @param {string | null} automatic
 */
function options(select, choices, automatic) {
  const all = automatic === null ? choices : [["", automatic], ...choices];
  const shows = JSON.stringify(all);
  if (select.dataset.shows !== shows) {
    const { value } = select;
    select.replaceChildren(...all.map(([id, text]) => make("option", { value: id }, text)));
    select.dataset.shows = shows;
    if (all.some(([id]) => id === value)) {
      select.value = value;
    }
  }
}
