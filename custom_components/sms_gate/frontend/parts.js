// How many SMS a text needs. One letter outside of the basic alphabet makes each SMS
// hold 70 instead of 160 characters.

const BASIC = new Set(
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà",
);
const EXTENDED = new Set("\f^{}\\[~]|€");
const SCRIPTS = {
  Arab: /\p{Script=Arabic}/u,
  Cyrl: /\p{Script=Cyrillic}/u,
  Grek: /\p{Script=Greek}/u,
  Hebr: /\p{Script=Hebrew}/u,
  Hani: /\p{Script=Han}/u,
  Jpan: /[\p{Script=Hiragana}\p{Script=Katakana}]/u,
  Hang: /\p{Script=Hangul}/u,
  Thai: /\p{Script=Thai}/u,
  Deva: /\p{Script=Devanagari}/u,
  Zsye: /\p{Extended_Pictographic}/u,
};

/**
 * Count the SMS of a text; `script` is why they are short (ISO 15924), if they are.
 * @param {string} text
 * @returns {{count: number, script: string | null}}
 */
export function countParts(text) {
  const letters = [...text];
  const odd = letters.find((it) => !BASIC.has(it) && !EXTENDED.has(it));
  if (odd === undefined) {
    const sizes = letters.map((it) => (EXTENDED.has(it) ? 2 : 1));
    return { count: split(sizes, 160, 153), script: null };
  }
  const found = Object.entries(SCRIPTS).find(([, pattern]) => pattern.test(text));
  const sizes = letters.map((it) => it.length);
  return { count: split(sizes, 70, 67), script: found?.[0] ?? "Zyyy" };
}

/**
 * Count parts; a letter of two units is not cut in half.
 * @param {number[]} sizes
 * @param {number} single
 * @param {number} each
 */
function split(sizes, single, each) {
  const total = sizes.reduce((sum, it) => sum + it, 0);
  if (total <= single) {
    return total ? 1 : 0;
  }
  let [count, used] = [1, 0];
  for (const size of sizes) {
    if (used + size > each) {
      [count, used] = [count + 1, 0];
    }
    used += size;
  }
  return count;
}
