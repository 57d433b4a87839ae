// Filters the list of rules, and opens the rule that the URL names. The page is readable without this script.
(() => {
  const form = document.querySelector('.filters');
  const rules = [...document.querySelectorAll('.rule')];
  const groups = [...document.querySelectorAll('.group')];
  const shown = form.querySelector('.shown');
  const nothing = document.querySelector('.nothing');
  const words = new Map(rules.map((rule) => [rule, `${rule.dataset.id} ${rule.textContent}`.toLowerCase()]));

  const checked = (name) => [...form.querySelectorAll(`input[name="${name}"]:checked`)].map((box) => box.value);

  let wasNarrowed = false;

  /** Hides the rules that do not match. Groups of skipped rules are open only while a filter is set. */
  function narrow() {
    const statuses = checked('status');
    const levels = checked('level');
    const group = form.elements.group.value;
    const text = form.elements.text.value.trim().toLowerCase();
    const isNarrowed = statuses.length > 0 || levels.length > 0 || group !== '' || text !== '';
    let count = 0;
    for (const rule of rules) {
      const { status, level } = rule.dataset;
      const fits =
        (statuses.length === 0 || statuses.includes(status)) &&
        (levels.length === 0 || levels.includes(level)) &&
        (group === '' || rule.closest('.group').dataset.group === group) &&
        words.get(rule).includes(text);
      rule.hidden = !fits;
      count += fits ? 1 : 0;
    }
    for (const section of groups) {
      const members = [...section.querySelectorAll('.rule')];
      const matching = members.filter((rule) => !rule.hidden);
      section.hidden = matching.length === 0;
      section.querySelector('.matching').textContent =
        matching.length === members.length ? members.length : `${matching.length} of ${members.length}`;
      for (const rule of members) rule.classList.toggle('first', rule === matching[0]);
      const folded = section.querySelector('.skipped-group');
      if (folded && (isNarrowed || wasNarrowed)) folded.open = isNarrowed;
    }
    wasNarrowed = isNarrowed;
    nothing.hidden = count > 0;
    shown.textContent = `${count} of ${rules.length} rules`;
  }

  /** Shows only the rules that a tile or a cell of the table counts. */
  function showOnly({ showStatus, showLevel, showGroup }) {
    form.reset();
    for (const box of form.querySelectorAll('input[type="checkbox"]'))
      box.checked = box.value === (box.name === 'status' ? showStatus : showLevel);
    form.elements.group.value = showGroup ?? '';
    narrow();
    document.querySelector('#results').focus({ preventScroll: true });
    document.querySelector('.columns').scrollIntoView();
  }

  /** Opens the rule that the URL names. A filter may have hidden it. */
  function openNamed() {
    const rule = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!rule?.matches('.rule')) return;
    if (rule.hidden) {
      form.reset();
      narrow();
    }
    for (let one = rule; one; one = one.parentElement.closest('details')) one.open = true;
    rule.querySelector('summary').focus({ preventScroll: true });
    rule.scrollIntoView();
  }

  form.hidden = false;
  form.addEventListener('input', narrow);
  form.addEventListener('submit', (event) => event.preventDefault());
  // The fields have their new values only after the event.
  form.addEventListener('reset', () => setTimeout(narrow));
  for (const button of document.querySelectorAll('.tile, .cell'))
    button.addEventListener('click', () => showOnly(button.dataset));
  for (const button of form.querySelectorAll('[data-fold]'))
    button.addEventListener('click', () => {
      const isOpen = button.dataset.fold === 'open';
      for (const rule of rules) if (!rule.hidden) rule.open = isOpen;
      for (const group of document.querySelectorAll('.skipped-group')) group.open = isOpen;
    });
  if (navigator.clipboard)
    for (const button of document.querySelectorAll('[data-copy]')) {
      button.hidden = false;
      button.addEventListener('click', async () => {
        await navigator.clipboard.writeText(button.previousElementSibling.textContent);
        button.textContent = 'Copied';
      });
    }

  // Open the failures for printing, because nothing can be opened on paper.
  let opened = [];
  addEventListener('beforeprint', () => {
    opened = [...document.querySelectorAll('.rule.fail, .rule.error, .sentence')].filter((one) => !one.open);
    for (const one of opened) one.open = true;
  });
  addEventListener('afterprint', () => {
    for (const one of opened) one.open = false;
  });

  addEventListener('hashchange', openNamed);
  narrow();
  openNamed();
})();
