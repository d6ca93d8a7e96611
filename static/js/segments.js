// What a text message takes, while it is being written: <span data-segments-of="id_words" data-pence="4">.
// The same rules as comms/channels/segments.py; a test holds both to the same table.

const BASIC = new Set(
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
  "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
);
const EXTENSION = new Set("\f^{}\\[~]|€");
const ALONE = { "GSM-7": 160, "UCS-2": 70 };
const EACH = { "GSM-7": 153, "UCS-2": 67 };

export function count(written) {
  const characters = [...written.replaceAll("\r\n", "\n")];
  const culprits = [...new Set(characters.filter((one) => !BASIC.has(one) && !EXTENSION.has(one)))];
  const encoding = culprits.length ? "UCS-2" : "GSM-7";
  const widths = characters.map((one) => (culprits.length ? one.length : EXTENSION.has(one) ? 2 : 1));
  const units = widths.reduce((sum, width) => sum + width, 0);
  if (units <= ALONE[encoding]) {
    return { encoding, units, segments: units ? 1 : 0, left: ALONE[encoding] - units, culprits };
  }
  let segments = 1;
  let used = 0;
  for (const width of widths) {
    if (used + width > EACH[encoding]) { segments += 1; used = 0; }
    used += width;
  }
  return { encoding, units, segments, left: EACH[encoding] - used, culprits };
}

export function describe(counted, price) {
  const of = (number, noun) => (number === 1 ? `${number} ${noun}` : `${number} ${noun}s`);
  const because = counted.culprits.length ? ` because of ${counted.culprits.map(visible).join(" ")}` : "";
  const said = [counted.encoding + because, of(counted.segments, "segment"), `${of(counted.left, "character")} left`];
  if (price) said.push(`about ${pence(counted.segments, price)}p`);
  return said.join(", ");
}

function visible(character) {
  if (!/[\p{C}\p{Z}]/u.test(character)) return character;
  return `U+${character.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
}

// The price is "4" or "3.75": whole numbers only, for 0.1 and 0.2 are not 0.3 here. Half a tenth goes to the even one.
function pence(segments, price) {
  const [whole, part = ""] = price.split(".");
  const scale = 10n ** BigInt(part.length);
  const sum = BigInt(segments) * BigInt(whole + part) * 10n;
  const rest = (sum % scale) * 2n;
  let tenths = sum / scale;
  if (rest > scale || (rest === scale && tenths % 2n)) tenths += 1n;
  return tenths % 10n ? `${tenths / 10n}.${tenths % 10n}` : `${tenths / 10n}`;
}

function show(line) {
  const field = document.getElementById(line.dataset.segmentsOf);
  if (field) line.textContent = describe(count(field.value), line.dataset.pence);
}

document.querySelectorAll("[data-segments-of]").forEach(show);
document.addEventListener("input", (event) => {
  document.querySelectorAll(`[data-segments-of="${CSS.escape(event.target.id)}"]`).forEach(show);
});
