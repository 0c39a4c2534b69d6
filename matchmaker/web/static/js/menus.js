// The account menu is a <details>; here it also closes by Escape or a click beside it.

export function watchMenus(root) {
  for (const menu of root.querySelectorAll("details[data-menu]")) {
    document.addEventListener("click", (event) => {
      if (menu.open && !menu.contains(event.target)) menu.open = false;
    });
    menu.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !menu.open) return;
      menu.open = false;
      menu.querySelector("summary").focus();
    });
  }
}
