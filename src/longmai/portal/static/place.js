// Where one stands, into a form: a point, or corners one walks to, one after another.
//   [data-place] with input[name=lon], input[name=lat], textarea[name=outline],
//   button[data-here], button[data-corner] and [data-place-said] (data-wait, data-failed)

const DECIMALS = 6;

function locate(place) {
  const said = place.querySelector("[data-place-said]");
  said.textContent = said.dataset.wait;
  return new Promise((done) => {
    const failed = () => {
      said.textContent = said.dataset.failed;
      done(null);
    };
    if (!navigator.geolocation) return failed();
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        said.textContent = `± ${Math.round(coords.accuracy)} m`;
        done([coords.longitude, coords.latitude].map((each) => each.toFixed(DECIMALS)));
      },
      failed,
      { enableHighAccuracy: true, timeout: 20_000 },
    );
  });
}

for (const place of document.querySelectorAll("[data-place]")) {
  const field = (name) => place.querySelector(`[name=${name}]`);
  place.querySelector("[data-here]").addEventListener("click", async () => {
    const found = await locate(place);
    if (found) [field("lon").value, field("lat").value] = found;
  });
  place.querySelector("[data-corner]").addEventListener("click", async () => {
    const found = await locate(place);
    if (found) field("outline").value = `${field("outline").value}${found.join(",")}\n`;
  });
}
