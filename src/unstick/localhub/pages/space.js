// One stream brings the stage and both logs: browsers allow six connections to a host, and each tab needs one.
"use strict";

const MOST_LINES = 5000;
const page = document.querySelector("main");
const stage = document.getElementById("stage");
const message = document.getElementById("message");
const source = new EventSource(page.dataset.live);

function append(pre, lines) {
  const atEnd = pre.scrollHeight - pre.scrollTop - pre.clientHeight < 40;
  for (const line of lines) pre.append(document.createTextNode(line));
  while (pre.childNodes.length > MOST_LINES) pre.firstChild.remove();
  if (atEnd) pre.scrollTop = pre.scrollHeight;
}

for (const kind of ["build", "run"]) {
  source.addEventListener(kind, (event) => append(document.getElementById(kind), JSON.parse(event.data)));
}
source.addEventListener("begin", () => {
  for (const kind of ["build", "run"]) document.getElementById(kind)?.replaceChildren();
});
source.addEventListener("stage", (event) => {
  const now = JSON.parse(event.data);
  stage.textContent = now.page;
  stage.title = now.stage;
  stage.dataset.kind = now.kind;
  message.textContent = now.message;
});
