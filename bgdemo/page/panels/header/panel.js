// Every answer comes by one stream, which Gradio closes as soon as none is due; what is asked for at that very moment
// is never answered. So while someone is at work the stream is kept open: trigger does nothing while it still is.
for (const kind of ["pointerdown", "keydown", "change", "drop", "paste"]) {
  document.addEventListener(kind, () => trigger("input"), { capture: true, passive: true });
}
