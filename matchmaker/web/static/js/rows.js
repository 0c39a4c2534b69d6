// Repeated rows: the same buttons as without JavaScript, answered on the page.

function nextNumber(group, name) {
  const pattern = new RegExp(`^${name}-(\\d+)-`);
  const numbers = [...group.querySelectorAll("[name]")]
    .map((field) => pattern.exec(field.name))
    .filter(Boolean)
    .map((match) => Number(match[1]));
  return Math.max(-1, ...numbers) + 1;
}

function addRow(group) {
  const name = group.dataset.rows;
  const list = group.querySelector(".rows__list");
  const row = group.querySelector("template").content.firstElementChild.cloneNode(true);
  const number = String(nextNumber(group, name));
  for (const node of row.querySelectorAll("[name], [id], [for], [value*='__row__']")) {
    for (const attribute of ["name", "id", "for", "value"]) {
      const now = node.getAttribute(attribute);
      if (now?.includes("__row__")) node.setAttribute(attribute, now.replace("__row__", number));
    }
  }
  list.append(row);
  row.querySelector("input, select, textarea")?.focus();
}

// A removed row is not sent, and comes back with one press.
function removeRow(row) {
  const fields = [...row.querySelectorAll("[name]")];
  for (const field of fields) field.disabled = true;
  const parts = [...row.children];
  for (const part of parts) part.hidden = true;
  const note = document.createElement("p");
  note.className = "rows__gone";
  note.textContent = `${row.dataset.gone} `;
  const undo = document.createElement("button");
  undo.type = "button";
  undo.className = "btn btn-link";
  undo.textContent = row.dataset.undo;
  undo.addEventListener("click", () => {
    note.remove();
    for (const part of parts) part.hidden = false;
    for (const field of fields) field.disabled = false;
    fields[0]?.focus();
  });
  note.append(undo);
  row.append(note);
  undo.focus();
}

function watch(group) {
  const most = Number(group.dataset.most);
  group.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button?.name === "add_row") {
      event.preventDefault();
      if (group.querySelectorAll(".rows__item").length < most) addRow(group);
    } else if (button?.name === "remove_row") {
      event.preventDefault();
      removeRow(button.closest(".rows__item"));
    }
  });
}

export function watchRows(root) {
  for (const group of root.querySelectorAll("[data-rows]")) watch(group);
}
