// What the page knows, and all that it asks of Home Assistant.

/** @typedef {import("./types").Hass} Hass */
/** @typedef {import("./types").Account} Account */
/** @typedef {import("./types").Message} Message */
/** @typedef {import("./types").Place} Place */

const PAGE = 50;
// What fills a screen is painted first
const FIRST = 20;
const PAUSE = 200;

export class Model {
  /**
   * @param {() => void} changed - called after each change
   * @param {string | undefined} entryId - only this account
   * @param {string | null} only - only the conversation with this number
   */
  constructor(changed, entryId, only) {
    this.changed = changed;
    this.only = only;
    this.scope = entryId ? { config_entry_id: entryId } : {};
    /** @type {Hass | null} */
    this.hass = null;
    /** @type {Account[]} */
    this.accounts = [];
    /** @type {Message[]} */
    this.conversations = [];
    this.hasMore = false;
    /** @type {Place | null} */
    this.place = null;
    /** @type {Message[]} */
    this.messages = [];
    this.hasOlder = false;
    this.query = "";
    /** @type {Message[]} */
    this.found = [];
    /** @type {string | null} */
    this.error = null;
    this.isLoaded = false;
    /** @type {(() => void) | null} */
    this.unsubscribe = null;
    this.isRunning = false;
    this.timer = 0;
    /** @type {{id: string, open: (place: Place) => void} | null} */
    this.expected = null;
  }

  /**
   * @template T
   * @param {string} command
   * @param {object} [fields]
   * @returns {Promise<T>}
   */
  ask(command, fields = {}) {
    if (!this.hass) {
      return Promise.reject(new Error("not connected"));
    }
    return this.hass.callWS({ type: `sms_gate/${command}`, ...fields });
  }

  /** Begin to follow. */
  async start() {
    this.isRunning = true;
    await this.load();
    if (!this.hass || this.error) {
      return;
    }
    const unsubscribe = await this.hass.connection.subscribeMessage(
      (/** @type {import("./types").Change} */ change) => this.merge(change),
      { type: "sms_gate/messages/subscribe", ...this.scope },
    );
    if (this.isRunning) {
      this.unsubscribe = unsubscribe;
      this.hass.connection.addEventListener("ready", this.reload);
    } else {
      unsubscribe();
    }
  }

  /** End it. */
  stop() {
    this.isRunning = false;
    this.hass?.connection.removeEventListener("ready", this.reload);
    this.unsubscribe?.();
    this.unsubscribe = null;
    clearTimeout(this.timer);
  }

  /** Read all that is shown, once what changes together has changed. */
  reload = () => {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.load(), PAUSE);
  };

  async load() {
    try {
      const limit = Math.min(1000, Math.max(FIRST, this.conversations.length));
      const [{ accounts }, { conversations }] = await Promise.all([
        /** @type {Promise<{accounts: Account[]}>} */ (this.ask("accounts/list")),
        /** @type {Promise<{conversations: Message[]}>} */ (
          this.ask("conversations/list", { ...this.scope, limit })
        ),
      ]);
      const { config_entry_id: only } = /** @type {{config_entry_id?: string}} */ (this.scope);
      this.accounts = accounts.filter((it) => !only || it.config_entry_id === only);
      this.conversations = conversations;
      this.meet(conversations);
      this.hasMore = conversations.length >= limit;
      this.error = null;
      const [account] = this.accounts;
      if (this.only && account && this.accounts.length === 1) {
        this.place ??= { config_entry_id: account.config_entry_id, conversation: this.only };
      }
      if (this.place) {
        await this.loadMessages(Math.min(200, Math.max(PAGE, this.messages.length)));
      }
    } catch (err) {
      this.error = reasonOf(err);
    }
    this.isLoaded = true;
    this.changed();
  }

  /** @param {import("./types").Change} change */
  merge(change) {
    this.meet(change.messages);
    if (change.is_complete && this.place?.config_entry_id === change.config_entry_id) {
      const ours = change.messages.filter((it) => it.conversation === this.place?.conversation);
      if (ours.length) {
        const ids = new Set(ours.map((it) => it.id));
        const others = this.messages.filter((it) => !ids.has(it.id));
        const begin = this.hasOlder ? this.messages[0] : undefined;
        const shown = ours.filter((it) => !begin || compare(begin, it) <= 0);
        this.messages = [...others, ...shown].sort(compare);
        this.changed();
      }
    } else if (!change.is_complete && this.place) {
      this.reload();
      return;
    }
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.load(), PAUSE);
  }

  /** Show more conversations. */
  async more() {
    const last = this.conversations.at(-1);
    if (last && this.hasMore) {
      this.hasMore = false;
      /** @type {{conversations: Message[]}} */
      const { conversations } = await this.ask("conversations/list", {
        ...this.scope,
        limit: PAGE,
        before: [last.time, last.id],
      });
      this.conversations = [...this.conversations, ...conversations];
      this.hasMore = conversations.length >= PAGE;
      this.changed();
    }
  }

  /** @param {Place | null} place */
  async open(place) {
    this.place = place;
    this.messages = [];
    this.hasOlder = false;
    // What is typed from now on belongs to this conversation
    this.changed();
    if (place) {
      try {
        await this.loadMessages(PAGE);
      } catch (err) {
        this.error = reasonOf(err);
      }
      this.changed();
    }
  }

  /** @param {number} limit */
  async loadMessages(limit) {
    const place = this.place;
    /** @type {{messages: Message[], conversation: string}} */
    const { messages, conversation } = await this.ask("messages/list", { ...place, limit });
    if (place && place === this.place) {
      place.conversation = conversation;
      this.messages = messages.reverse();
      this.hasOlder = messages.length >= limit;
    }
  }

  /** Show older messages of the conversation. */
  async older() {
    const first = this.messages[0];
    const place = this.place;
    if (!first || !this.hasOlder) {
      return;
    }
    this.hasOlder = false;
    const before = [first.time, first.id];
    /** @type {{messages: Message[]}} */
    const { messages } = await this.ask("messages/list", { ...place, limit: PAGE, before });
    if (place === this.place) {
      this.messages = [...messages.reverse(), ...this.messages];
      this.hasOlder = messages.length >= PAGE;
      this.changed();
    }
  }

  /** @param {string} query */
  async search(query) {
    this.query = query;
    if (!query) {
      this.found = [];
      this.changed();
      return;
    }
    /** @type {{messages: Message[]}} */
    const { messages } = await this.ask("messages/search", { ...this.scope, query });
    if (query === this.query) {
      this.found = messages;
      this.changed();
    }
  }

  /** Mark as read what is shown. */
  async markRead() {
    const unread = this.messages.filter((it) => it.is_unread);
    const last = Math.max(...unread.map((it) => it.id));
    if (unread.length && this.place) {
      unread.forEach((it) => (it.is_unread = false));
      await this.ask("conversations/mark_read", { ...this.place, until: last });
    }
  }

  /**
   * Send a message; return its id.
   * @param {import("./types").Draft} draft
   */
  async send(draft) {
    /** @type {{message_id: string}} */
    const { message_id } = await this.ask("messages/send", draft);
    return message_id;
  }

  /**
   * Open the conversation of a message once it is there.
   * @param {string} id
   * @param {(place: Place) => void} open
   */
  expect(id, open) {
    this.expected = { id, open };
    this.reload();
  }

  /** @param {Message[]} messages */
  meet(messages) {
    const found = messages.find((it) => this.expected?.id === it.message_id);
    if (found && this.expected) {
      const { open } = this.expected;
      this.expected = null;
      open(found);
    }
  }

  /**
   * Delete a message, a conversation, or all of the accounts that are shown.
   * @param {Message | Place | null} what
   */
  async delete(what) {
    if (!what) {
      for (const { config_entry_id } of this.accounts) {
        await this.ask("messages/delete", { config_entry_id, all: true });
      }
    } else {
      const { config_entry_id } = what;
      const one = "id" in what ? { message: what.id } : { conversation: what.conversation };
      await this.ask("messages/delete", { config_entry_id, ...one });
    }
  }

  /**
   * Answer the question for all accounts that it is open for.
   * @param {number} days
   */
  async keep(days) {
    for (const { config_entry_id, days: answer } of this.accounts) {
      if (!answer) {
        await this.ask("conversations/keep", { config_entry_id, days });
      }
    }
    this.reload();
  }

  /**
   * Add a contact by the dialog's own steps; the error is its key, null is success.
   * @param {Place} place
   * @param {string} number
   * @param {string} name
   */
  async addContact({ config_entry_id }, number, name) {
    const path = "config/config_entries/subentries/flow";
    const handler = [config_entry_id, "contact"];
    const api = /** @type {Hass} */ (this.hass);
    const flow = await api.callApi("POST", path, { handler });
    const fields = { name, phone_number: number };
    const result = await api.callApi("POST", `${path}/${flow.flow_id}`, fields);
    if (result.type === "create_entry") {
      this.reload();
      return null;
    }
    if (result.type === "form") {
      await api.callApi("DELETE", `${path}/${flow.flow_id}`);
    }
    return Object.values(result.errors ?? {})[0] ?? result.reason ?? "unknown";
  }

  /**
   * Return the address of a picture.
   * @param {string} id
   */
  async media(id) {
    const hass = /** @type {Hass} */ (this.hass);
    const command = { type: "media_source/resolve_media", media_content_id: id };
    /** @type {{url: string}} */
    const { url } = await hass.callWS(command);
    return hass.hassUrl(url);
  }
}

/**
 * @param {Message} left
 * @param {Message} right
 */
function compare(left, right) {
  return left.time - right.time || left.id - right.id;
}

/**
 * Return true if a phone can write to it.
 * @param {string} number
 */
export function isDialled(number) {
  return /^[+*#\d][*#\d\s().-]*$/.test(number);
}

/** @param {unknown} err */
export function reasonOf(err) {
  const { code, message } = /** @type {{code?: string, message?: string}} */ (err);
  return code === "unauthorized" ? code : (message ?? String(err));
}
