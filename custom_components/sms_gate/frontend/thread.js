// One conversation: its messages by days, and what became of them.

import { ask, fill, icon, iconButton, make } from "./elements.js";
import { isDialled } from "./model.js";

/** @typedef {import("./types").Message} Message */
/** @typedef {import("./model.js").Model} Model */
/** @typedef {import("./words.js").Words} Words */

const PICTURES = /^image\/(jpeg|png|gif|webp|avif|bmp)\b/i;
/** @type {Map<string | null, [string, string]>} */
const TICKS = new Map([
  ["Pending", ["mdi:clock-outline", "pending"]],
  ["Processed", ["mdi:clock-outline", "pending"]],
  ["Cancelling", ["mdi:clock-outline", "pending"]],
  ["Sent", ["mdi:check", "sent"]],
  ["Delivered", ["mdi:check-all", "delivered"]],
  ["Failed", ["mdi:alert-circle-outline", "failed"]],
  ["Cancelled", ["mdi:cancel", "cancelled"]],
  ["Unknown", ["mdi:help-circle-outline", "unknown"]],
]);

export class Thread {
  /**
   * @param {ShadowRoot} root
   * @param {Words} words
   * @param {Model} model
   * @param {() => void} close
   */
  constructor(root, words, model, close) {
    this.root = root;
    this.words = words;
    this.model = model;
    this.close = close;
    this.head = make("header", { class: "bar" });
    this.scroller = make("div", {
      class: "messages",
      role: "log",
      tabindex: 0,
      "aria-label": words.say("messages"),
      scroll: () => this.scroller.scrollTop < 200 && model.older(),
    });
    this.hint = make("p", { class: "hint" });
    this.element = make("section", { class: "thread" }, this.head, this.scroller, this.hint);
    /** @type {Map<string, string>} */
    this.addresses = new Map();
    this.shown = "";
  }

  /** The conversation as the list has it, with the name of today. */
  get summary() {
    const { place, conversations, messages } = this.model;
    return (
      messages.at(-1) ??
      conversations.find(
        (it) =>
          it.config_entry_id === place?.config_entry_id && it.conversation === place.conversation,
      )
    );
  }

  /** @param {boolean} isNew - somebody new is written to instead */
  draw(isNew) {
    const { model, scroller } = this;
    this.hint.hidden = isNew;
    const place = model.place;
    this.hint.textContent = this.words.say(
      model.only ? "card_choose_account" : "choose_conversation",
    );
    this.element.classList.toggle("empty", !place);
    if (!place) {
      this.shown = "";
      scroller.replaceChildren();
      this.head.replaceChildren();
      return;
    }
    this.drawHead();
    const isOther = this.shown !== `${place.config_entry_id} ${place.conversation}`;
    const fromEnd = scroller.scrollHeight - scroller.scrollTop;
    const isAtEnd = isOther || fromEnd - scroller.clientHeight < 80;
    // What is new is announced, not a conversation that was opened
    scroller.setAttribute("aria-live", isOther ? "off" : "polite");
    fill(scroller, this.rows(), rowKey, (it) =>
      "day" in it ? this.drawDay(it) : this.drawMessage(it),
    );
    if (model.messages.length) {
      this.shown = `${place.config_entry_id} ${place.conversation}`;
    }
    scroller.scrollTop = isAtEnd ? scroller.scrollHeight : scroller.scrollHeight - fromEnd;
  }

  /** @returns {(Message | {day: string, name: string})[]} */
  rows() {
    let last = "";
    return this.model.messages.flatMap((it) => {
      const [day, name] = this.words.day(it.time);
      const line = day === last ? [] : [{ day, name }];
      last = day;
      // Whether it was read changes nothing that is shown
      return [...line, { ...it, is_unread: false }];
    });
  }

  drawHead() {
    const { model, words } = this;
    const { contact, number } = this.summary ?? {
      contact: null,
      number: model.place?.conversation ?? "",
    };
    const shows = JSON.stringify([model.place, contact, number]);
    if (this.head.dataset.shows === shows) {
      return;
    }
    this.head.dataset.shows = shows;
    const isAdmin = model.hass?.user.is_admin;
    this.head.replaceChildren(
      iconButton(words.say("back"), "mdi:arrow-left", this.close, { class: "icon back" }),
      make(
        "h2",
        {},
        make("bdi", {}, contact ?? number),
        contact && make("span", { class: "number" }, make("bdi", {}, number)),
      ),
      ...(isAdmin && !contact && isDialled(number)
        ? [
            iconButton(words.say("add_contact"), "mdi:account-plus-outline", () =>
              this.addContact(number),
            ),
          ]
        : []),
      iconButton(words.say("delete_conversation"), "mdi:delete-outline", () =>
        this.delete(contact ?? number),
      ),
    );
  }

  /** @param {{day: string, name: string}} row */
  drawDay({ name }) {
    return make("div", { class: "day", role: "separator" }, make("span", {}, name));
  }

  /** @param {Message} message */
  drawMessage(message) {
    const { words } = this;
    const bubble = make("div", { class: "bubble" });
    if (message.subject) {
      bubble.append(make("strong", { dir: "auto" }, message.subject));
    }
    if (message.kind === "mms_header") {
      bubble.append(make("em", {}, icon("mdi:download"), words.say("mms_waiting")));
    }
    bubble.append(...message.files.map((file) => this.drawFile(file)));
    if (message.text) {
      bubble.append(make("div", { class: "text", dir: "auto" }, message.text));
    } else if (message.kind === "data") {
      bubble.append(make("em", {}, words.say("no_text")));
    }
    bubble.append(this.drawFoot(message));
    const side = message.is_outgoing ? "message mine" : "message";
    const sender = message.is_outgoing ? null : (message.contact ?? message.number);
    const label = { class: side, "aria-label": sender };
    return make("article", label, bubble, this.drawActions(message));
  }

  /** @param {Message} message */
  drawFoot(message) {
    const { words } = this;
    const foot = make("div", { class: "foot" });
    if (message.is_outgoing) {
      const [tick, key] = TICKS.get(message.state) ?? ["mdi:clock-outline", "pending"];
      const later = message.states.Scheduled;
      const isLater = key === "pending" && later && later * 1000 > Date.now();
      const text = isLater
        ? words.say("state_scheduled", { time: words.moment(later) })
        : words.say(`state_${key}`, { reason: words.reason(message.error) });
      const isShown = isLater || ["failed", "cancelled", "unknown"].includes(key);
      foot.append(
        make("time", {}, words.time(message.time)),
        make(
          "span",
          { class: `tick ${key}`, title: text, role: "img", "aria-label": text },
          icon(tick),
        ),
      );
      if (isShown) {
        foot.append(make("span", { class: `why ${key}`, dir: "auto" }, text));
      }
    } else {
      foot.append(make("time", {}, words.time(message.time)));
    }
    return foot;
  }

  /** @param {Message} message */
  drawActions(message) {
    const { words } = this;
    const actions = make("div", { class: "actions" });
    // Of data and files too little is kept
    if (message.is_outgoing && message.state === "Failed" && message.kind === "sms") {
      actions.append(
        make(
          "button",
          { type: "button", click: () => this.sendAgain(message) },
          words.say("send_again"),
        ),
      );
    }
    actions.append(
      iconButton(words.say("delete_message"), "mdi:delete-outline", () =>
        this.deleteMessage(message),
      ),
    );
    return actions;
  }

  /** @param {import("./types").File} file */
  drawFile(file) {
    const name = file.name ?? this.words.say("attachment");
    const id = file.media_content_id;
    if (!id) {
      return make("div", { class: "file" }, icon("mdi:paperclip"), make("bdi", {}, name));
    }
    const link = make("a", { class: "file", target: "_blank", rel: "noopener noreferrer" });
    if (PICTURES.test(file.content_type)) {
      const picture = make("img", { alt: name, loading: "lazy", load: () => this.loaded() });
      link.append(picture);
      this.address(id, (url) => ((picture.src = url), (link.href = url)));
    } else {
      link.append(icon("mdi:paperclip"), make("bdi", {}, name));
      this.address(id, (url) => (link.href = url));
    }
    return link;
  }

  /** A picture needs room: stay at the end. */
  loaded() {
    const { scroller } = this;
    if (scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 600) {
      scroller.scrollTop = scroller.scrollHeight;
    }
  }

  /**
   * Use a file's address, once it is known. A file that is gone has none.
   * @param {string} id
   * @param {(url: string) => void} use
   */
  async address(id, use) {
    try {
      const url = this.addresses.get(id) ?? (await this.model.media(id));
      this.addresses.set(id, url);
      use(url);
    } catch {
      this.addresses.delete(id);
    }
  }

  /**
   * @param {string} text
   * @param {string} yes
   * @param {boolean} danger
   */
  sure(text, yes, danger) {
    return ask(this.root, { text, yes, no: this.words.say("cancel"), danger });
  }

  /** @param {Message} message */
  async sendAgain(message) {
    const { words, model } = this;
    const name = message.contact ?? message.number;
    const text = words.say("send_again_question", { name });
    if ((await this.sure(text, words.say("send_again"), false)) !== null) {
      try {
        await model.send({
          config_entry_id: message.config_entry_id,
          number: message.number,
          message: message.text ?? "",
          ...(message.sim_number ? { sim_number: message.sim_number } : {}),
        });
      } catch (err) {
        await ask(this.root, { text: words.error(err), yes: words.say("close") });
      }
    }
  }

  /** @param {Message} message */
  async deleteMessage(message) {
    const { words } = this;
    const yes = words.say("delete_message");
    if ((await this.sure(words.say("delete_message_question"), yes, true)) !== null) {
      await this.model.delete(message);
    }
  }

  /** @param {string} name */
  async delete(name) {
    const { words, model } = this;
    const text = words.say("delete_conversation_question", { name });
    const place = model.place;
    if (place && (await this.sure(text, words.say("delete_conversation"), true)) !== null) {
      await model.delete(place);
      this.close();
    }
  }

  /** @param {string} number */
  async addContact(number) {
    const { words, model } = this;
    const place = model.place;
    const name = await ask(this.root, {
      text: words.say("add_contact_text", { number }),
      label: words.say("name"),
      yes: words.say("add_contact"),
      no: words.say("cancel"),
    });
    if (place && name) {
      const error = await model.addContact(place, number, name);
      if (error) {
        await ask(this.root, { text: words.contactError(error), yes: words.say("close") });
      }
    }
  }
}

/** @param {{id: number} | {day: string}} row */
function rowKey(row) {
  return "day" in row ? `day ${row.day}` : String(row.id);
}
