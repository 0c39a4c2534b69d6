// What is typed into a form with data-keep stays in this browser until it was saved or the member
// signs out, and is offered back when the form is opened again. Text under a non-disclosure
// agreement is never kept here.

const PREFIX = "draft:";
const PAUSE = 400;
const LASTS = 7 * 24 * 3600 * 1000;
const LEFT_OUT = new Set(["csrf_token", "confidential_detail"]);
const ROW = /^([a-z]+)-(\d+)-(.+)$/;

function storage() {
  try {
    localStorage.setItem(`${PREFIX}?`, "");
    localStorage.removeItem(`${PREFIX}?`);
    return localStorage;
  } catch {
    return null; // blocked: the form works as without scripts
  }
}

const keysOf = (store) => Object.keys(store).filter((key) => key.startsWith(PREFIX));

function read(store, key) {
  try {
    const kept = JSON.parse(store.getItem(key));
    return kept && Date.now() - kept.at < LASTS ? kept : null;
  } catch {
    return null;
  }
}

const isTyped = ([name]) => !LEFT_OUT.has(name) && !name.startsWith("keep-");
const entriesOf = (form) => [...new FormData(form)].filter(isTyped);
const inOrder = (numbers) => [...new Set(numbers)].sort((a, b) => a - b);
const rowsIn = (names, group) =>
  inOrder(names.map((n) => ROW.exec(n)).filter((m) => m?.[1] === group).map((m) => Number(m[2])));

// Rows are counted anew: the third row kept goes into the third row of the page.
function placed(form, entries) {
  const byRow = new Map();
  for (const group of form.querySelectorAll("[data-rows]")) {
    const name = group.dataset.rows;
    const kept = rowsIn(entries.map(([n]) => n), name);
    const here = () => rowsIn([...group.querySelectorAll(".rows__item [name]")].map((f) => f.name), name);
    for (let more = kept.length - here().length; more > 0; more -= 1) {
      group.querySelector("button[name=add_row]").click();
    }
    here().slice(0, kept.length).forEach((to, at) => byRow.set(`${name}-${kept[at]}-`, `${name}-${to}-`));
  }
  return entries.map(([name, value]) => {
    const found = ROW.exec(name);
    const to = found && byRow.get(`${found[1]}-${found[2]}-`);
    return [to ? to + found[3] : name, value];
  });
}

function restore(form, entries) {
  const values = new Map();
  for (const [name, value] of placed(form, entries)) {
    values.set(name, [...(values.get(name) ?? []), value]);
  }
  for (const field of form.querySelectorAll("input[name], select[name], textarea[name]")) {
    if (!isTyped([field.name])) continue;
    const kept = values.get(field.name) ?? [];
    if (field.type === "checkbox" || field.type === "radio") field.checked = kept.includes(field.value);
    else field.value = kept[0] ?? "";
    const fold = field.closest("details");
    if (fold && field.type !== "hidden" && kept[0]) fold.open = true;
  }
  form.dispatchEvent(new Event("input", { bubbles: true }));
  for (const field of form.querySelectorAll("textarea, input")) field.dispatchEvent(new Event("input"));
}

function keep(form, store) {
  const key = PREFIX + form.dataset.keep;
  const offer = form.querySelector("[data-draft-offer]");
  const blank = JSON.stringify(entriesOf(form).filter(([name]) => name !== "submission_key"));
  const isSame = (entries) =>
    JSON.stringify(entries.filter(([name]) => name !== "submission_key")) === blank;
  let waiting = 0;
  let isSent = false;
  const save = () => {
    clearTimeout(waiting);
    const entries = entriesOf(form);
    if (!offer.hidden || (isSame(entries) && !isSent)) return;
    try {
      store.setItem(key, JSON.stringify({ at: Date.now(), entries, isSent }));
    } catch {
      // full: the page itself still holds what was typed
    }
  };
  const later = () => {
    clearTimeout(waiting);
    waiting = setTimeout(save, PAUSE);
  };
  const kept = read(store, key);
  const wasRefused = form.querySelector(".error-summary") !== null;
  if (kept && !wasRefused && !isSame(kept.entries)) {
    offer.querySelector("time").textContent = new Date(kept.at).toLocaleString(
      document.documentElement.lang,
      { day: "2-digit", month: "2-digit", year: "numeric", hour: "2-digit", minute: "2-digit" },
    );
    offer.hidden = false;
    offer.querySelector("[data-draft-take]").addEventListener("click", () => {
      offer.hidden = true;
      restore(form, kept.entries);
      form.querySelector("input:not([type=hidden]), select, textarea")?.focus();
    });
    offer.querySelector("[data-draft-drop]").addEventListener("click", () => {
      offer.hidden = true;
      store.removeItem(key);
      save();
    });
  }
  form.addEventListener("input", () => {
    isSent = false;
    later();
  });
  form.addEventListener("click", later);
  form.addEventListener("submit", () => {
    isSent = true;
    save();
  });
  window.addEventListener("pagehide", () => waiting && save());
}

export function watchDrafts(root) {
  const store = storage();
  if (!store) return;
  for (const key of keysOf(store)) {
    const kept = read(store, key);
    // The page after a save says so; only then is what was sent given up.
    if (!kept || (kept.isSent && root.querySelector("[data-saved]"))) store.removeItem(key);
  }
  for (const form of root.querySelectorAll("form[data-keep]")) keep(form, store);
  for (const form of root.querySelectorAll("form[data-forget]")) {
    form.addEventListener("submit", () => keysOf(store).forEach((key) => store.removeItem(key)));
  }
}
