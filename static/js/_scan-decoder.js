// The decoder for browsers without one, fetched only where it is needed; its wasm comes from our own address.
import { BarcodeDetector, prepareZXingModule } from "barcode-detector/ponyfill";

export function ownDetector(wasm) {
  prepareZXingModule({ overrides: { locateFile: (path, prefix) => (path.endsWith(".wasm") ? wasm : prefix + path) } });
  return new BarcodeDetector({ formats: ["qr_code"] });
}
