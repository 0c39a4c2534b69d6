// Live counters under long texts: a <p data-count-for="id" data-most data-least data-words>.

// The server counts code points, so an emoji is one character here too; it reads CRLF as sent.
const lengthOf = (text) => [...text.trim()].length;

function show(counter, field) {
  const has = lengthOf(field.value);
  const { most, least, words } = counter.dataset;
  counter.textContent = words.replace("{has}", has).replace("{most}", most);
  const isWrong = has > Number(most) || (has > 0 && has < Number(least));
  counter.classList.toggle("is-wrong", isWrong);
}

export function watchCounters(root) {
  for (const counter of root.querySelectorAll("[data-count-for]")) {
    const field = document.getElementById(counter.dataset.countFor);
    if (!field) continue;
    const resting = counter.textContent;
    const update = () => (field.value ? show(counter, field) : (counter.textContent = resting));
    field.addEventListener("input", update);
    update();
  }
}
