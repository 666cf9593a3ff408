// Whoever keeps something that belongs to one photo hears of the next.
watch("value", () => document.dispatchEvent(new Event("photo-opened")));
