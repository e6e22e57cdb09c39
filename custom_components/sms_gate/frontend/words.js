// Texts in the user's language, and times as the user writes them.

import { reasonOf } from "./model.js";

/** @typedef {import("./types").Hass} Hass */

const TEXTS = "component.sms_gate.selector.page.options";
const DAY = 24 * 3600 * 1000;
/** @type {[string, RegExp][]} */
const REASONS = [
  ["reason_no_service", /NO_SERVICE/],
  ["reason_radio_off", /RADIO_OFF/],
  ["reason_limit", /LIMIT_EXCEEDED/],
  ["reason_short_code", /SHORT_CODE/],
  ["reason_expired", /TTL|expired/i],
  ["reason_generic", /GENERIC_FAILURE/],
];

/** @type {Map<string, Promise<Words>>} */
const loaded = new Map();

/** @param {Hass} hass */
async function fetchTexts(hass) {
  await hass.loadBackendTranslation("config_subentries", "sms_gate");
  await hass.loadBackendTranslation("exceptions", "sms_gate");
  return new Words(hass, await hass.loadBackendTranslation("selector", "sms_gate"));
}

export class Words {
  /**
   * Load the texts of the user's language.
   * @param {Hass} hass
   */
  static load(hass) {
    const { language, time_format, time_zone } = hass.locale;
    const key = [language, time_format, time_zone].join();
    const words = loaded.get(key) ?? fetchTexts(hass);
    loaded.set(key, words);
    words.catch(() => loaded.delete(key));
    return words;
  }

  /**
   * @param {Hass} hass
   * @param {import("./types").Localize} localize
   */
  constructor(hass, localize) {
    this.language = hass.locale.language;
    this.localize = localize;
    const zone = hass.locale.time_zone === "server" ? hass.config.time_zone : undefined;
    this.isServerTime = zone !== undefined;
    const twelve = { 12: true, 24: false }[hass.locale.time_format];
    /** @param {Intl.DateTimeFormatOptions} options */
    const format = (options) =>
      new Intl.DateTimeFormat(this.language, { timeZone: zone, ...options });
    this._time = format({ hour: "numeric", minute: "2-digit", hour12: twelve });
    this._day = format({ weekday: "long", day: "numeric", month: "long" });
    this._date = format({ day: "numeric", month: "numeric", year: "numeric" });
    this._moment = format({ dateStyle: "medium", timeStyle: "short", hour12: twelve });
    this._near = new Intl.RelativeTimeFormat(this.language, { numeric: "auto" });
    this._number = new Intl.NumberFormat(this.language);
  }

  /**
   * Return a text.
   * @param {string} key
   * @param {Record<string, string>} [values]
   */
  say(key, values) {
    return this.localize(`${TEXTS}.${key}`, values) || key;
  }

  /** @param {number} value */
  number(value) {
    return this._number.format(value);
  }

  /** @param {number} seconds */
  time(seconds) {
    return this._time.format(seconds * 1000);
  }

  /** @param {number} seconds */
  moment(seconds) {
    return this._moment.format(seconds * 1000);
  }

  /**
   * Return a time that was entered. Without an offset it is in Home Assistant's zone.
   * @param {string} local
   */
  entered(local) {
    return this.isServerTime ? local : new Date(local).toISOString();
  }

  /**
   * Return a key that is the same for all times of a day, and the day's name.
   * @param {number} seconds
   * @returns {[string, string]}
   */
  day(seconds) {
    const key = this._date.format(seconds * 1000);
    for (const back of [0, 1]) {
      if (key === this._date.format(Date.now() - back * DAY)) {
        const name = this._near.format(-back, "day");
        return [key, name.charAt(0).toLocaleUpperCase(this.language) + name.slice(1)];
      }
    }
    const isOld = Date.now() - seconds * 1000 > 300 * DAY;
    return [key, isOld ? key : this._day.format(seconds * 1000)];
  }

  /**
   * Return the time of today, else the date.
   * @param {number} seconds
   */
  short(seconds) {
    const key = this._date.format(seconds * 1000);
    return key === this._date.format(Date.now()) ? this.time(seconds) : key;
  }

  /**
   * Return how many SMS a text needs, and why.
   * @param {{count: number, script: string | null}} parts
   */
  parts({ count, script }) {
    const number = this.number(count);
    if (!script || script === "Zyyy") {
      return this.say(script ? "parts_unicode" : "parts", { count: number });
    }
    const names = new Intl.DisplayNames(this.language, { type: "script" });
    return this.say("parts_script", { count: number, alphabet: names.of(script) ?? script });
  }

  /**
   * Return an error of the contact's dialog.
   * @param {string} key
   */
  contactError(key) {
    const path = "component.sms_gate.config_subentries.contact";
    const { localize } = this;
    return localize(`${path}.error.${key}`) || localize(`${path}.abort.${key}`) || key;
  }

  /**
   * Return why something could not be done, in the user's language.
   * @param {unknown} err
   */
  error(err) {
    const { translation_key: key, translation_placeholders: values } =
      /** @type {{translation_key?: string, translation_placeholders?: Record<string, string>}} */ (
        err
      );
    const path = `component.sms_gate.exceptions.${key}.message`;
    return (key && this.localize(path, values)) || reasonOf(err);
  }

  /**
   * Return in words why a message was not sent; else what the phone said.
   * @param {string | null} error
   */
  reason(error) {
    const found = REASONS.find(([, pattern]) => pattern.test(error ?? ""));
    return found ? this.say(found[0]) : (error ?? this.say("reason_none"));
  }
}
