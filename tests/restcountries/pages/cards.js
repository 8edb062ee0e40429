// Shows a country as a card, as each page reads its parts; a part that cannot be read is "undefined".
function drawCard(id, parts) {
  const card = document.createElement("article");
  card.id = id;
  for (const [part, read] of Object.entries(parts)) {
    const line = document.createElement("p");
    line.className = part;
    try {
      line.textContent = String(read());
    } catch (error) {
      line.textContent = "undefined";
    }
    card.append(line);
  }
  document.querySelector("main").append(card);
}
