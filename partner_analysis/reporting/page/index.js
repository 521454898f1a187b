// Without this script the list stands as it is, by name. With it, it can be searched and sorted.
"use strict";
(() => {
  const cards = document.getElementById("cards");
  const search = document.getElementById("search");
  const sort = document.getElementById("sort");
  const found = document.getElementById("found");
  const all = [...cards.children];
  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const words = new Map(all.map((card) => [card, plain(card.textContent)]));
  const order = (a, b) => a.localeCompare(b, "en", { numeric: true, sensitivity: "base" });

  function show() {
    const asked = plain(search.value).split(/\s+/).filter(Boolean);
    let left = 0;
    for (const card of all) {
      card.hidden = !asked.every((word) => words.get(card).includes(word));
      left += card.hidden ? 0 : 1;
    }
    found.textContent = asked.length ? `${left} of ${all.length}` : "";
  }

  function arrange() {
    const by = sort.value;
    all.sort((a, b) => order(a.dataset[by], b.dataset[by]) || order(a.dataset.name, b.dataset.name));
    cards.append(...all);
  }

  search.addEventListener("input", show);
  sort.addEventListener("change", arrange);
  document.getElementById("find").hidden = all.length < 2;
})();
