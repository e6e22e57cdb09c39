// The same on a dashboard: all conversations, or one.

import { make } from "./elements.js";
import "./messages.js";

/** @typedef {import("./types").Hass} Hass */
/** @typedef {import("./types").CardConfig} CardConfig */

const TYPE = "sms-gate-messages-card";
const STYLE = `
  ha-card { display: flex; flex-direction: column; height: 100%; overflow: hidden; }
  h2 { margin: 0; padding: 12px 16px 0; font-size: var(--ha-card-header-font-size, 20px);
    font-weight: 400; }
  sms-gate-messages { flex: 1 1 400px; min-height: 240px; }
`;

class SmsGateMessagesCard extends HTMLElement {
  constructor() {
    super();
    this.attachShadow({ mode: "open" });
  }

  /** @param {CardConfig} config */
  setConfig(config) {
    this.view = /** @type {import("./messages.js").SmsGateMessages} */ (
      document.createElement("sms-gate-messages")
    );
    this.view.entryId = config.config_entry_id;
    this.view.only = config.conversation || null;
    const card = document.createElement("ha-card");
    card.append(...(config.title ? [make("h2", { dir: "auto" }, config.title)] : []), this.view);
    this.shadowRoot?.replaceChildren(make("style", {}, STYLE), card);
    if (this.known) {
      this.view.hass = this.known;
    }
  }

  set hass(/** @type {Hass} */ hass) {
    this.known = hass;
    if (this.view) {
      this.view.hass = hass;
    }
  }

  getCardSize() {
    return 8;
  }

  getGridOptions() {
    return { columns: 12, rows: 8, min_columns: 6, min_rows: 5 };
  }

  static getStubConfig() {
    return {};
  }

  static getConfigForm() {
    return {
      schema: [
        { name: "title", selector: { text: {} } },
        { name: "config_entry_id", selector: { config_entry: { integration: "sms_gate" } } },
        { name: "conversation", selector: { text: {} } },
      ],
      computeLabel: (
        /** @type {{name: string}} */ field,
        /** @type {import("./types").Localize} */ localize,
      ) => localize(`component.sms_gate.selector.page.options.card_${field.name}`) || undefined,
    };
  }
}

/**
 * Suggest the card for the unread messages of an account, whatever the sensor is called.
 * @param {Hass} hass
 * @param {string} entityId
 */
function suggestion(hass, entityId) {
  const sensors = Object.values(hass.entities).filter(
    (it) => it.platform === "sms_gate" && it.translation_key === "unread_messages",
  );
  const sensor = sensors.find((it) => it.entity_id === entityId);
  if (!sensor) {
    return null;
  }
  const account = sensors.length > 1 && hass.devices[sensor.device_id ?? ""]?.primary_config_entry;
  return { config: { type: `custom:${TYPE}`, ...(account && { config_entry_id: account }) } };
}

if (!customElements.get(TYPE)) {
  customElements.define(TYPE, SmsGateMessagesCard);
  window.customCards = window.customCards ?? [];
  window.customCards.push({
    type: TYPE,
    name: "SMS Gate: Messages",
    description: "SMS Gate",
    preview: false,
    getEntitySuggestion: suggestion,
  });
}
