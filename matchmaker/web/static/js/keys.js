// Keys of the desk: an element with data-key="p" answers to p; j and k walk along [data-row].
// Only where the page shows its keys ([data-keys]), never while typing, and they can be turned off.

const STORED = "keys-off";
const isTyping = (node) => node.closest("input, textarea, select, [contenteditable]") !== null;

function isOff() {
  try {
    return localStorage.getItem(STORED) === "1";
  } catch {
    return false; // storage is blocked: the keys stay on
  }
}

function walk(step) {
  const rows = [...document.querySelectorAll("[data-row]")];
  if (!rows.length) return;
  const here = rows.findIndex((row) => row.contains(document.activeElement));
  const next = rows[Math.min(rows.length - 1, Math.max(0, here + step))];
  (next.querySelector("a, button") ?? next).focus();
}

function answer(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  if (event.key === "j" || event.key === "k") return walk(event.key === "j" ? 1 : -1);
  const target = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (!target) return;
  event.preventDefault();
  if (target.matches("input, textarea, select")) target.focus();
  else target.click();
}

export function watchKeys(root) {
  const shown = root.querySelector("[data-keys]");
  if (!shown) return;
  const toggle = shown.querySelector("[data-keys-off]");
  const apply = () => {
    toggle.textContent = isOff() ? toggle.dataset.on : toggle.dataset.off;
    shown.classList.toggle("keys--off", isOff());
  };
  toggle.hidden = false;
  toggle.addEventListener("click", () => {
    try {
      localStorage.setItem(STORED, isOff() ? "0" : "1");
    } catch {
      // nothing to remember it in
    }
    apply();
  });
  apply();
  document.addEventListener("keydown", (event) => isOff() || answer(event));
}
