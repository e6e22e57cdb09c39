// The page in Home Assistant's sidebar.

import { make } from "./elements.js";
import "./messages.js";
import { Words } from "./words.js";

/** @typedef {import("./types").Hass} Hass */

const STYLE = `
  :host { display: flex; flex-direction: column; height: 100vh; height: 100dvh;
    background: var(--primary-background-color); color: var(--primary-text-color); }
  header { display: flex; align-items: center; flex: none; box-sizing: border-box;
    height: var(--header-height, 56px); padding-inline: 12px;
    background: var(--app-header-background-color); color: var(--app-header-text-color, white);
    border-bottom: var(--app-header-border-bottom, none); }
  h1 { margin: 0; margin-inline-start: 16px; font-size: 20px; font-weight: 400; }
  sms-gate-messages { flex: 1; min-height: 0; }
`;

class SmsGateMessagesPage extends HTMLElement {
  constructor() {
    super();
    this.menu = /** @type {HTMLElement & {hass?: Hass, narrow?: boolean}} */ (
      document.createElement("ha-menu-button")
    );
    this.heading = make("h1");
    this.view = /** @type {import("./messages.js").SmsGateMessages} */ (
      document.createElement("sms-gate-messages")
    );
    this.language = "";
    const root = this.attachShadow({ mode: "open" });
    const header = make("header", {}, this.menu, this.heading);
    root.append(make("style", {}, STYLE), header, this.view);
  }

  set hass(/** @type {Hass} */ hass) {
    this.menu.hass = hass;
    this.view.hass = hass;
    if (this.language !== hass.locale.language) {
      this.language = hass.locale.language;
      Words.load(hass).then((words) => (this.heading.textContent = words.say("messages")));
    }
  }

  set narrow(/** @type {boolean} */ narrow) {
    this.menu.narrow = narrow;
  }
}

if (!customElements.get("sms-gate-messages-page")) {
  customElements.define("sms-gate-messages-page", SmsGateMessagesPage);
}
