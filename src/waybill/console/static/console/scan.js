// Reads codes by the camera where the browser can (BarcodeDetector); pictures never leave the page.
const [button, sight, code, form] = ["camera", "sight", "code", "scanned"].map((id) => document.getElementById(id));

/** Look through the camera until a code is seen, then ask for its lot. */
async function scan() {
  const detector = new BarcodeDetector({ formats: ["qr_code", "data_matrix", "code_128"] });
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  sight.srcObject = stream;
  sight.hidden = false;
  await sight.play();
  const look = async () => {
    const [found] = await detector.detect(sight);
    if (!found) return requestAnimationFrame(look);
    stream.getTracks().forEach((track) => track.stop());
    code.value = found.rawValue;
    form.submit();
  };
  look();
}

if (button && "BarcodeDetector" in window && navigator.mediaDevices) {
  button.hidden = false;
  button.addEventListener("click", () => scan().catch(() => (button.hidden = true)));
}
