// Nothing typed is lost by a slip: a form with data-guard asks before its page is left unsent.
// After a refused form the summary of errors gets the focus.

function guard(form) {
  let isChanged = false;
  let isSent = false;
  form.addEventListener("input", () => (isChanged = true));
  form.addEventListener("submit", () => (isSent = true));
  window.addEventListener("beforeunload", (event) => {
    if (isChanged && !isSent) event.preventDefault();
  });
}

export function watchForms(root) {
  for (const form of root.querySelectorAll("form[data-guard]")) guard(form);
  root.querySelector("[data-focus]")?.focus();
}
