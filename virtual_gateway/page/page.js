import { $, ask, element, exactTimeOf, paintAvatar, setText, sync, timeOf } from "./view.js";

const FAULTS = {
  drop_response: "Answers get lost",
  status: "Requests end with 500",
  delay: "Requests take a second",
  reset: "Connections break",
  webhook_down: "Webhooks fail",
  duplicate_webhooks: "Webhooks come twice",
  slow_webhooks: "Webhooks come slowly",
  offline: "Phones lose the line",
};
const TICKS = {
  Pending: ["◷", "pending"], Cancelling: ["◷", "being cancelled"], Cancelled: ["✕", "cancelled"],
  Processed: ["◔", "processed"], Sent: ["✓", "sent"], Delivered: ["✓✓", "delivered"], Failed: ["!", "failed"],
};
const KINDS = { DATA_SMS: "data SMS", MMS: "MMS notification", MMS_DOWNLOADED: "MMS", MMS_SENT: "MMS" };

let state = null;
let phoneId = null;
let number = null;
let fresh = false; // a new conversation is being begun

const phone = () => state?.phones.find((item) => item.id === phoneId) ?? state?.phones[0];

function conversations(timeline) {
  const found = new Map();
  for (const line of timeline) {
    if (!found.has(line.number)) found.set(line.number, []);
    found.get(line.number).push(line);
  }
  for (const lines of found.values()) lines.sort((a, b) => a.at - b.at);
  return [...found].sort((a, b) => b[1].at(-1).at - a[1].at(-1).at);
}

function drawBar() {
  const down = state.phones.filter((item) => !item.online).length;
  setText($("connection"), `${location.host} · ${state.phones.length} phone${state.phones.length === 1 ? "" : "s"}`
    + (down ? ` (${down} offline)` : "") + ` · waits pass ${state.speed}× faster`);
  sync($("phones"), state.phones, (item) => item.id, () => {
    const tab = element("button");
    tab.type = "button";
    tab.append(element("span", "dot"), element("span"));
    tab.addEventListener("click", () => { phoneId = tab.dataset.key; number = null; draw(); });
    return tab;
  }, (tab, item) => {
    tab.firstChild.classList.toggle("off", !item.online);
    setText(tab.lastChild, item.sims[0]?.phone_number ?? item.name);
    tab.title = item.name;
    tab.setAttribute("aria-pressed", String(item.id === phone()?.id));
  });
}

function drawThreads(threads) {
  $("no-threads").hidden = threads.length > 0;
  sync($("threads"), threads, ([key]) => key, () => {
    const row = element("li");
    const button = element("button", "thread");
    button.type = "button";
    const last = element("span", "thread-last");
    last.dir = "auto";
    const name = element("bdi", "thread-name");
    button.append(element("span", "avatar"), name, element("time", "thread-time"), last);
    button.firstChild.setAttribute("aria-hidden", "true");
    button.addEventListener("click", () => { number = row.dataset.key; fresh = false; draw(); $("text").focus(); });
    row.append(button);
    return row;
  }, (row, [key, lines]) => {
    const [avatar, name, time, last] = row.firstChild.children;
    paintAvatar(avatar, key);
    setText(name, key);
    setText(time, timeOf(lines.at(-1).at));
    setText(last, lines.at(-1).text || KINDS[lines.at(-1).kind] || "");
    row.firstChild.setAttribute("aria-current", String(key === number));
  });
}

function createBubble(line) {
  const item = element("li", `bubble ${line.direction}`);
  if (KINDS[line.kind]) item.append(element("div", "bubble-kind", KINDS[line.kind]));
  const text = element("div", "bubble-text");
  text.dir = "auto";
  const foot = element("div", "bubble-foot");
  foot.append(element("span", "reason"), element("span", "parts"), element("time"), element("span", "ticks"), element("span", "unseen"));
  item.append(text, foot);
  return item;
}

function updateBubble(item, line) {
  const foot = item.lastChild;
  const [reason, parts, time, ticks, spoken] = foot.children;
  const files = line.attachments?.length ? `\n📎 ${line.attachments.join(", ")}` : "";
  setText(foot.previousSibling, (line.text ?? "") + files);
  setText(time, line.scheduled_at > Date.now() / 1000 && line.state === "Pending" ? `for ${exactTimeOf(line.scheduled_at)}` : timeOf(line.at));
  if (line.direction === "in") return;
  const [mark, word] = TICKS[line.state] ?? ["?", line.state];
  item.classList.toggle("failed", line.state === "Failed");
  ticks.classList.toggle("delivered", line.state === "Delivered");
  ticks.setAttribute("aria-hidden", "true");
  ticks.title = word;
  setText(ticks, mark);
  setText(spoken, word);
  setText(reason, line.state === "Failed" ? line.error || "failed" : line.state === "Delivered" || line.state === "Sent" ? "" : word);
  setText(parts, line.parts > 1 ? `${line.parts} parts` : "");
}

function drawChat(threads) {
  const lines = threads.find(([key]) => key === number)?.[1] ?? [];
  const box = $("messages");
  const atEnd = box.dataset.number !== number || box.scrollHeight - box.scrollTop - box.clientHeight < 80;
  setText($("chat-title"), number ?? "A new conversation");
  setText($("chat-hint"), number ? `with ${phone()?.name ?? "no phone"}` : "Any number or name may write to the phone");
  paintAvatar($("avatar"), number ?? "+");
  sync(box, lines, (line) => `${line.direction}:${line.id}:${line.at}`, createBubble, updateBubble);
  if (atEnd) box.scrollTop = box.scrollHeight;
  if (box.dataset.number !== number) {
    box.dataset.number = number ?? "";
    if (number) $("sender").value = number;
  }
}

function drawPhone() {
  const item = phone();
  for (const id of ["online", "charging", "battery", "transport", "ping", "restart"]) $(id).disabled = !item;
  if (!item) { setText($("phone-hint"), "There is no phone."); return; }
  setText($("phone-hint"), `${item.name} · app ${item.app_version}${item.encrypts ? " · encrypted" : ""}`);
  setText($("phone-state"), item.online ? "online" : "offline");
  $("phone-state").className = `pill ${item.online ? "good" : "bad"}`;
  $("online").checked = item.online;
  $("charging").checked = Boolean(item.charging);
  if (document.activeElement !== $("battery")) $("battery").value = item.battery;
  setText($("battery-value"), `${Math.round(item.battery)} %`);
  if (document.activeElement !== $("transport")) $("transport").value = item.transport;
  sync($("sim"), item.sims, (sim) => String(sim.number), () => element("option"), (option, sim) => {
    option.value = sim.number;
    setText(option, [sim.number, sim.carrier].filter(Boolean).join(" · "));
  });
}

function drawFaults() {
  const names = Object.keys(state.faults);
  setText($("faults-state"), names.length ? names.map((name) => FAULTS[name] ?? name).join(", ") : "none");
  $("faults-state").className = `pill ${names.length ? "wait" : ""}`;
  for (const row of $("faults").children) {
    const fault = state.faults[row.dataset.name];
    const [label, range, value] = row.children;
    label.firstChild.checked = Boolean(fault);
    if (document.activeElement !== range && fault) range.value = fault.probability * 100;
    range.disabled = !fault;
    setText(value, fault ? `${Math.round(fault.probability * 100)} %` : "");
  }
}

function drawDeliveries() {
  const latest = new Map(); // one line per event, its last attempt
  for (const item of state.deliveries) if (!latest.has(item.event_id)) latest.set(item.event_id, item);
  $("no-deliveries").hidden = latest.size > 0;
  const queued = state.phones.reduce((sum, item) => sum + item.queued_webhooks, 0);
  setText($("hooks-hint"), `${state.webhooks.length} registered · ${queued} waiting`);
  sync($("registrations"), state.webhooks, (hook) => `${hook.side}:${hook.id}`, () => {
    const row = element("li");
    row.append(element("strong"), element("span", "hint"));
    return row;
  }, (row, hook) => {
    setText(row.firstChild, `${hook.event} `);
    setText(row.lastChild, `${hook.side} · ${hook.url}`);
  });
  sync($("deliveries"), [...latest.values()], (item) => item.event_id, () => {
    const row = element("li", "delivery");
    row.append(element("span", "delivery-event"), element("span", "pill"), element("span", "delivery-more"));
    return row;
  }, updateDelivery);
}

function updateDelivery(row, item) {
  const [event, pill, more] = row.children;
  const taken = item.status >= 200 && item.status < 300;
  const wait = item.retry_at ? Math.max(0, item.retry_at - Date.now() / 1000) : null;
  setText(event, item.event);
  pill.className = `pill ${taken ? "good" : wait === null ? "bad" : "wait"}`;
  setText(pill, item.status ? String(item.status) : "no answer");
  const parts = [exactTimeOf(item.at)];
  if (item.attempt > 1 || !taken) parts.push(`attempt ${item.attempt}`);
  if (!taken) parts.push(wait === null ? "given up" : `again in ${wait < 10 ? wait.toFixed(1) : Math.round(wait)} s`);
  if (item.error) parts.push(item.error);
  parts.push(item.url);
  setText(more, parts.join(" · "));
}

function draw() {
  if (!state) return;
  const threads = conversations(phone()?.timeline ?? []);
  if (number === null && !fresh && threads.length) number = threads[0][0];
  drawBar();
  drawThreads(threads);
  drawChat(threads);
  drawPhone();
  drawFaults();
  drawDeliveries();
}

function change(values) {
  if (phone()) ask("PATCH", `phones/${phone().id}`, values).catch(complain);
}

function complain(error) { setText($("compose-error"), error.message); }

function postFaults() {
  const wanted = {};
  for (const row of $("faults").children) {
    const [label, range] = row.children;
    if (label.firstChild.checked) wanted[row.dataset.name] = { ...state.faults[row.dataset.name], probability: range.value / 100, hits: undefined };
  }
  ask("POST", "faults", wanted).catch(complain);
}

function buildFaults() {
  for (const [name, title] of Object.entries(FAULTS)) {
    const row = element("div", "fault");
    row.dataset.name = name;
    const label = element("label", "switch");
    const box = element("input");
    box.type = "checkbox";
    box.setAttribute("role", "switch");
    label.append(box, element("span", "", title));
    const range = element("input");
    range.type = "range";
    range.min = 5; range.max = 100; range.step = 5; range.value = 100;
    range.setAttribute("aria-label", `${title}: how often, in percent`);
    box.addEventListener("change", postFaults);
    range.addEventListener("change", postFaults);
    row.append(label, range, element("output"));
    $("faults").append(row);
  }
}

$("compose").addEventListener("submit", async (event) => {
  event.preventDefault();
  const sender = $("sender").value.trim();
  try {
    await ask("POST", "receive", {
      sender, message: $("text").value, phone: phone()?.id,
      ...($("sim").value ? { sim_number: Number($("sim").value) } : {}),
    });
    setText($("compose-error"), "");
    $("text").value = "";
    number = sender;
    fresh = false;
    draw();
  } catch (error) { complain(error); }
});
$("text").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    $("compose").requestSubmit();
  }
});
$("new-thread").addEventListener("click", () => {
  number = null;
  fresh = true;
  draw();
  $("sender").value = "";
  $("sender").focus();
});
$("online").addEventListener("change", (event) => change({ online: event.target.checked }));
$("charging").addEventListener("change", (event) => change({ charging: event.target.checked }));
$("battery").addEventListener("input", (event) => setText($("battery-value"), `${event.target.value} %`));
$("battery").addEventListener("change", (event) => change({ battery: Number(event.target.value) }));
$("transport").addEventListener("change", (event) => change({ transport: event.target.value }));
for (const action of ["ping", "restart"]) {
  $(action).addEventListener("click", () => phone() && ask("POST", `phones/${phone().id}/${action}`).catch(complain));
}
$("add-phone").addEventListener("click", () => ask("POST", "phones", {}).then((added) => { phoneId = added.id; number = null; draw(); }).catch(complain));
$("reset").addEventListener("click", () => {
  if (confirm("Forget all messages, webhooks and faults?")) ask("POST", "reset", {}).then(() => { number = null; draw(); }).catch(complain);
});

buildFaults();
const events = new EventSource("events");
events.addEventListener("message", (event) => { state = JSON.parse(event.data); draw(); });
events.addEventListener("error", () => setText($("connection"), "not connected; trying again …"));
setInterval(() => { if (state?.deliveries.some((item) => item.retry_at)) drawDeliveries(); }, 500);
