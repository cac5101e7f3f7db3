// Plays parts of the two tracks, which share a time line, and moves the cursor over the figure of it.
"use strict";
const figure = document.getElementById("timeline-figure");
const clock = document.getElementById("clock");
let context = null, tracks = null, sources = [], playing = null;

async function decoded() {
  context = context || new AudioContext();
  await context.resume();
  if (!tracks) {
    tracks = {};
    for (const [speaker, base64] of Object.entries(SOUND)) {
      const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
      tracks[speaker] = await context.decodeAudioData(bytes.buffer);
    }
  }
}

function stop() {
  for (const source of sources) { source.onended = null; source.stop(); }
  sources = [];
  playing = null;
  for (const button of document.querySelectorAll(".play.on")) button.classList.remove("on");
}

async function play(start, end, speakers, button) {
  await decoded();
  stop();
  const begin = context.currentTime + 0.03;
  for (const speaker of speakers) {
    const track = tracks[speaker];
    if (!track || start >= track.duration) continue;
    const source = new AudioBufferSourceNode(context, { buffer: track });
    source.connect(context.destination);
    source.start(begin, start, Math.min(end, track.duration) - start);
    sources.push(source);
  }
  playing = { start, end, begin };
  if (button) button.classList.add("on");
  follow();
}

function follow() {
  if (!playing) return;
  const at = playing.start + Math.max(0, context.currentTime - playing.begin);
  if (at >= playing.end) { stop(); return; }
  clock.textContent = at.toFixed(1) + " s";
  const cursor = figure.layout.shapes.length - 1;
  Plotly.relayout(figure, { ["shapes[" + cursor + "].x0"]: at, ["shapes[" + cursor + "].x1"]: at });
  setTimeout(follow, 80);
}

const length = () => Math.max(...Object.values(tracks).map((track) => track.duration));
async function playAll(start, button) {
  await decoded();
  await play(start, length(), Object.keys(tracks), button);
}

if (Object.keys(SOUND).length) {
  document.getElementById("all").addEventListener("click", (event) => playAll(0, event.currentTarget));
  document.getElementById("stop").addEventListener("click", stop);
  for (const button of document.querySelectorAll(".play[data-start]")) {
    button.addEventListener("click", () => {
      if (button.classList.contains("on")) { stop(); return; }
      play(Number(button.dataset.start), Number(button.dataset.end), [button.dataset.speaker], button);
    });
  }
  let pressed = null;
  figure.addEventListener("mousedown", (event) => { pressed = [event.clientX, event.clientY]; }, true);
  figure.addEventListener("click", (event) => {
    const moved = pressed && Math.hypot(event.clientX - pressed[0], event.clientY - pressed[1]) > 4;
    const axis = figure._fullLayout.xaxis;
    const at = axis.p2d(event.clientX - figure.getBoundingClientRect().left - axis._offset);
    if (!moved && at >= 0 && at <= axis.range[1]) playAll(at, null);
  }, true);
}
