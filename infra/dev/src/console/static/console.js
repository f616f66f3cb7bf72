// What needs a script: copying a token, and following the log. All else works without it.

const said = document.getElementById('said');

for (const form of document.querySelectorAll('form[data-copy]')) {
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    try {
      const answer = await fetch(form.action, {
        method: 'POST',
        headers: { accept: 'text/plain' },
        body: new URLSearchParams(new FormData(form)),
      });
      if (!answer.ok) throw new Error(answer.statusText);
      await navigator.clipboard.writeText(await answer.text());
      tell(form, form.dataset.copy);
    } catch {
      // As without the script: a page that shows the token, or says why there is none.
      form.submit();
    }
  });
}

function tell(form, sentence) {
  const button = form.querySelector('button');
  const label = button.textContent;
  if (label !== 'Copied') {
    button.textContent = 'Copied';
    setTimeout(() => (button.textContent = label), 2000);
  }
  // Emptied first, or a repetition would not be read aloud.
  said.textContent = '';
  setTimeout(() => (said.textContent = sentence), 50);
}

const list = document.getElementById('lines');
if (list) follow();

function follow() {
  const most = 1000;
  const pause = document.getElementById('pause');
  const state = document.getElementById('following');
  const held = [];
  pause.parentElement.hidden = false;

  const source = new EventSource(list.dataset.live);
  source.addEventListener('open', () => show());
  source.addEventListener('error', () => {
    state.textContent = 'The console does not answer; trying again.';
  });
  source.addEventListener('message', (event) => {
    held.push(event.data);
    show();
  });
  pause.addEventListener('click', () => {
    const paused = pause.getAttribute('aria-pressed') !== 'true';
    pause.setAttribute('aria-pressed', paused);
    pause.textContent = paused ? 'Continue' : 'Pause';
    show();
  });

  function show() {
    if (pause.getAttribute('aria-pressed') === 'true') {
      state.textContent = held.length === 0 ? 'Paused' : 'Paused; there is more';
      return;
    }
    state.textContent = 'Following';
    for (const lines of held.splice(0)) list.insertAdjacentHTML('afterbegin', lines);
    while (list.children.length > most) list.lastElementChild.remove();
    if (list.children.length > 0) document.getElementById('none')?.remove();
  }
}
