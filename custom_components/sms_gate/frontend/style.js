// How conversations look, in Home Assistant's own colours.

export const STYLE = `
  :host { display: flex; flex-direction: column; color: var(--primary-text-color);
    font-size: 14px; line-height: 20px; }
  * { box-sizing: border-box; }
  [hidden] { display: none !important; }
  .all { container-type: inline-size; flex: 1; min-height: 0; display: flex;
    flex-direction: column; }
  .banner { padding: 16px; margin: 16px; border-radius: var(--ha-card-border-radius, 12px);
    background: var(--card-background-color); border: 1px solid var(--divider-color); }
  .banner h2 { margin: 0 0 8px; font-size: 18px; line-height: 24px; font-weight: 500; }
  .banner p { margin: 0; color: var(--secondary-text-color); max-width: 70ch; }
  .buttons { display: flex; justify-content: flex-end; flex-wrap: wrap; gap: 8px;
    margin-top: 16px; }
  button { font: inherit; color: var(--primary-color); background: none; border: 0;
    border-radius: 18px; padding: 8px 16px; cursor: pointer; font-weight: 500; }
  button.primary { background: var(--primary-color); color: var(--text-primary-color, white); }
  button.danger { background: var(--error-color); }
  button:disabled { opacity: 0.4; cursor: default; }
  button.icon { flex: none; width: 40px; height: 40px; padding: 8px; border-radius: 50%;
    color: var(--secondary-text-color); --mdc-icon-size: 24px; }
  button.icon[aria-pressed="true"], button.send { color: var(--primary-color); }
  button:not(:disabled):hover { background-color: color-mix(in srgb, currentColor 10%, transparent); }
  button.primary:not(:disabled):hover { background-color: var(--primary-color); opacity: 0.9; }
  button.danger:not(:disabled):hover { background-color: var(--error-color); opacity: 0.9; }
  :focus-visible { outline: 2px solid var(--primary-color); outline-offset: -2px; }
  :dir(rtl) > ha-icon[icon="mdi:arrow-left"], :dir(rtl) > ha-icon[icon="mdi:send"],
  :dir(rtl) > ha-icon[icon="mdi:arrow-top-right"] { display: inline-flex; transform: scaleX(-1); }

  .frame { flex: 1; min-height: 0; display: grid; grid-template-columns: minmax(0, 1fr);
    grid-template-rows: minmax(0, 1fr); }
  .frame.hidden { display: none; }
  .conversations, .open { display: flex; flex-direction: column; min-height: 0; min-width: 0; }
  .conversations { background: var(--card-background-color); }
  .open { background: var(--primary-background-color); }
  .bar { display: flex; align-items: center; gap: 4px; flex: none; min-height: 56px;
    padding: 8px; background: var(--card-background-color);
    border-bottom: 1px solid var(--divider-color); }
  input, textarea, select { font: inherit; color: inherit; min-width: 0; border: 0;
    border-radius: 20px; padding: 10px 16px;
    background: var(--input-fill-color, var(--secondary-background-color)); }
  .bar input { flex: 1; }
  ::placeholder { color: var(--secondary-text-color); opacity: 1; }
  .list { flex: 1; overflow-y: auto; padding: 4px 8px; overscroll-behavior: contain; }
  .row { display: grid; grid-template-columns: 40px minmax(0, 1fr) auto; gap: 0 12px;
    width: 100%; padding: 10px 8px; border-radius: 12px; text-align: start;
    color: var(--primary-text-color); font-weight: 400; }
  .row[aria-current="true"] { background: color-mix(in srgb, var(--primary-color) 14%, transparent); }
  .face { grid-row: span 2; width: 40px; height: 40px; border-radius: 50%; line-height: 40px;
    text-align: center; font-size: 17px; font-weight: 500; color: var(--primary-color);
    background: color-mix(in srgb, var(--primary-color) 16%, transparent); }
  .name, .last { display: flex; align-items: center; overflow: hidden; }
  .name bdi, .last bdi { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
  .name { font-size: 15px; }
  .when { font-size: 12px; color: var(--secondary-text-color); text-align: end; }
  .last { color: var(--secondary-text-color); --mdc-icon-size: 14px; }
  .unread .name, .unread .last { font-weight: 600; color: var(--primary-text-color); }
  .badge { justify-self: end; min-width: 20px; height: 20px; padding: 0 6px; font-size: 12px;
    border-radius: 10px; text-align: center; font-weight: 600;
    background: var(--primary-color); color: var(--text-primary-color, white); }
  .hint { margin: 32px 16px; text-align: center; color: var(--secondary-text-color); }

  .thread { flex: 1; min-height: 0; display: flex; flex-direction: column; }
  .thread > .hint { display: none; }
  .thread.empty > .hint { display: block; margin: auto; padding: 16px; }
  .thread.empty > .bar, .thread.empty > .messages { display: none; }
  h2 { flex: 1; min-width: 0; margin: 0 8px; font-size: 16px; font-weight: 500;
    overflow-wrap: anywhere; }
  h2 .number, .found .number { display: block; font-size: 12px; line-height: 16px;
    font-weight: 400; color: var(--secondary-text-color); }
  .messages { flex: 1; overflow-y: auto; padding: 12px 16px; overscroll-behavior: contain; }
  .day { text-align: center; margin: 16px 0 8px; font-size: 12px;
    color: var(--secondary-text-color); }
  .day span { padding: 4px 12px; border-radius: 12px; background: var(--secondary-background-color); }
  .message { display: flex; align-items: center; gap: 4px; margin-block: 6px; }
  .message.mine { flex-direction: row-reverse; }
  .bubble { max-width: min(80%, 560px); padding: 8px 12px; border-radius: 16px;
    border-end-start-radius: 4px; background: var(--card-background-color);
    box-shadow: 0 1px 1px rgb(0 0 0 / 12%); overflow-wrap: anywhere; }
  .mine .bubble { border-end-start-radius: 16px; border-end-end-radius: 4px;
    background: color-mix(in srgb, var(--primary-color) 20%, var(--card-background-color)); }
  .text { white-space: pre-wrap; unicode-bidi: isolate; max-height: 60vh; overflow-y: auto; }
  .bubble strong { display: block; unicode-bidi: isolate; }
  .bubble em { color: var(--secondary-text-color); --mdc-icon-size: 18px; }
  .file { display: flex; align-items: center; gap: 8px; margin-block: 4px;
    color: var(--primary-color); text-decoration: none; --mdc-icon-size: 18px; }
  .file img { display: block; max-width: 100%; max-height: 320px; min-height: 40px;
    border-radius: 10px; }
  .foot { display: flex; flex-wrap: wrap; align-items: center; justify-content: flex-end;
    gap: 4px; margin-top: 2px; font-size: 12px; line-height: 16px;
    color: var(--secondary-text-color); --mdc-icon-size: 16px; }
  .tick { display: inline-flex; }
  .tick.delivered { color: var(--primary-color); }
  .failed { color: var(--error-color); }
  .unknown { color: var(--warning-color); }
  .why { flex-basis: 100%; text-align: end; }
  .actions { display: flex; flex-wrap: wrap; align-items: center; }
  .actions .icon { opacity: 0; transform: scale(0.8); }
  .message:hover .icon, .message:focus-within .icon { opacity: 1; }
  @media (hover: none) { .actions .icon { opacity: 0.5; } }

  .recipient { flex: none; background: var(--card-background-color); }
  footer { flex: none; background: var(--card-background-color);
    border-top: 1px solid var(--divider-color);
    padding-bottom: env(safe-area-inset-bottom); }
  .found:not(:empty) { padding: 4px 8px; }
  .found button { display: block; width: 100%; text-align: start; border-radius: 12px;
    color: var(--primary-text-color); }
  .write { padding: 8px; }
  .line { display: flex; align-items: flex-end; gap: 4px; }
  .line textarea { flex: 1; resize: none; max-height: 160px; }
  .choices { display: flex; flex-wrap: wrap; gap: 8px; }
  .choices:has(> :not([hidden])) { margin-bottom: 8px; }
  .count { display: block; min-height: 16px; padding-inline: 16px; font-size: 12px;
    line-height: 16px; color: var(--secondary-text-color); }
  .error { margin: 0 16px 8px; color: var(--error-color); overflow-wrap: anywhere; }
  .error:empty { display: none; }
  footer .hint { margin: 16px; }

  dialog { border: 0; border-radius: var(--ha-card-border-radius, 12px); padding: 24px;
    width: min(400px, calc(100vw - 48px)); color: var(--primary-text-color);
    background: var(--card-background-color); }
  dialog::backdrop { background: rgb(0 0 0 / 45%); }
  dialog p { margin: 0 0 8px; white-space: pre-line; overflow-wrap: anywhere; }
  dialog label { display: grid; gap: 4px; font-size: 12px; color: var(--secondary-text-color); }
  dialog input { font-size: 14px; color: var(--primary-text-color); }

  .frame:not(.has-open, .single) .open, .frame.has-open:not(.single) .conversations {
    display: none; }
  .single .back { display: none; }
  @container (min-width: 720px) {
    .frame:not(.single) { grid-template-columns: minmax(260px, 360px) minmax(0, 1fr); }
    .frame:not(.has-open, .single) .open, .frame.has-open:not(.single) .conversations {
      display: flex; }
    .conversations { border-inline-end: 1px solid var(--divider-color); }
    .back:not(.always) { display: none; }
  }
`;
