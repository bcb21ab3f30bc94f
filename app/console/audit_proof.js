// "Kiểm chứng": shows, step by step, whether a record is in the signed log. All of it is reckoned in the browser.

import { button, field, h, icon, put } from "./dom.js";
import { failurePanel } from "./failures.js";
import {
  CannotCheckError,
  canHash,
  fromBase64,
  isSigned,
  leafHash,
  parseCheckpoint,
  parseKey,
  rootFrom,
  same,
} from "./merkle.js";

const CANNOT = {
  insecure: "Trình duyệt chỉ cho phép tính toán mật mã trên địa chỉ https. Hãy mở giao diện qua https.",
  ed25519:
    "Trình duyệt này không kiểm được chữ ký Ed25519. Hãy dùng Chrome hoặc Edge từ bản 137, Firefox từ bản 129, Safari từ bản 17; hoặc kiểm bằng examples/verify_record.py.",
};

export function proofPanel({ api, sequence }) {
  const known = field("Khóa công khai đã biết", {
    control: h("textarea", { spellcheck: "false" }),
    wide: true,
    hint: "Dán khóa nhận được từ nguồn khác (tên+mã+base64), mỗi dòng một khóa. Để trống thì dùng khóa do chính dịch vụ công bố.",
  });
  const steps = h("ol", { class: "proof", "aria-live": "polite" });
  const verdict = h("div", { class: "stack", "aria-live": "polite" });
  const check = async () => {
    if (go.getAttribute("aria-busy") === "true") return;
    go.setAttribute("aria-busy", "true");
    put(steps);
    put(verdict);
    try {
      put(
        verdict,
        judgement(
          await run(api, sequence, known.value, (state, title, detail) => steps.append(step(state, title, detail))),
        ),
      );
    } catch (error) {
      if (!(error instanceof CannotCheckError)) put(verdict, failurePanel(error, { retry: check }));
      else {
        steps.append(step("open", "Chưa kiểm được", CANNOT[error.reason]));
        put(verdict, judgement(null));
      }
    } finally {
      go.removeAttribute("aria-busy");
    }
  };
  const go = button("Kiểm chứng", check, { kind: "primary", symbol: "lock" });
  return h(
    "section",
    { class: "card" },
    h("h2", {}, "Kiểm chứng bản ghi"),
    h(
      "p",
      { class: "hint" },
      "Trình duyệt tự tính lại giá trị băm, đường dẫn Merkle và chữ ký: không cần tin dịch vụ.",
    ),
    known.element,
    h("div", {}, go),
    steps,
    verdict,
  );
}

async function run(api, sequence, knownKeys, tell) {
  if (!canHash()) throw new CannotCheckError("insecure");
  // Asked without a size, the service waits for the checkpoint that holds the record.
  await api.get(`/audit/records/${sequence}/proof`);
  const { body: note } = await api.send("GET", "/audit/checkpoint", { as: "text" });
  const { body: published } = await api.send("GET", "/audit/public-key", { as: "text" });
  const checkpoint = parseCheckpoint(note);
  if (checkpoint === null) return (tell("bad", "Điểm xác nhận không đúng định dạng", ""), false);
  tell("ok", "Đã nhận điểm xác nhận", `${checkpoint.origin}: ${checkpoint.size} bản ghi`);

  const signed = await judgeSignature(checkpoint, knownKeys, published, tell);
  if (signed === false) return false;

  const { body: found } = await api.get(`/audit/records/${sequence}`);
  const leaf = found.record === null ? fromBase64(found.leaf_hash) : await leafHash(found.record);
  if (!same(leaf, fromBase64(found.leaf_hash)))
    return (tell("bad", "Nội dung không khớp với giá trị băm", h("code", {}, found.leaf_hash)), false);
  tell(
    "ok",
    "Giá trị băm của bản ghi đúng",
    found.record === null
      ? ["Nội dung đã hết thời hạn lưu, chỉ còn giá trị băm. ", h("code", {}, found.leaf_hash)]
      : h("code", {}, found.leaf_hash),
  );

  const { body: proof } = await api.get(`/audit/records/${sequence}/proof`, { tree_size: checkpoint.size });
  const root = await rootFrom(leaf, Number(sequence), checkpoint.size, proof.hashes.map(fromBase64));
  if (root === null || !same(root, checkpoint.root))
    return (tell("bad", "Bản ghi không nằm trong nhật ký đã ký", "Đường dẫn Merkle không dẫn đến giá trị gốc."), false);
  tell(
    "ok",
    "Bản ghi nằm trong nhật ký",
    `${proof.hashes.length} giá trị băm dẫn đến giá trị gốc của ${checkpoint.size} bản ghi.`,
  );
  return signed;
}

/** Gives true, false, or null where the signature could not be checked. */
async function judgeSignature(checkpoint, knownKeys, published, tell) {
  const isTyped = knownKeys.trim() !== "";
  // Whoever keeps the file of the keys pastes all of it: a line for each since the first.
  const lines = (isTyped ? knownKeys : published).split(/\s+/).filter(Boolean);
  const read = await Promise.all(lines.map(parseKey));
  const keys = read.filter(Boolean);
  try {
    if (await isSigned(checkpoint, keys)) {
      tell("ok", "Chữ ký Ed25519 đúng", isTyped ? "Ký bởi khóa bạn đã dán." : "Ký bởi khóa mà dịch vụ công bố.");
      return true;
    }
  } catch (error) {
    if (!(error instanceof CannotCheckError)) throw error;
    tell("open", "Chưa kiểm được chữ ký", CANNOT[error.reason]);
    return null;
  }
  if (isTyped && keys.length < lines.length) {
    tell("open", "Khóa đã dán không đọc được", "Dán lại nguyên vẹn từng dòng, dạng tên+mã+base64.");
    return null;
  }
  if (!keys.length) tell("bad", "Khóa công khai không hợp lệ", "Mã khóa không khớp với nội dung khóa.");
  else if (isTyped && !names(checkpoint, keys))
    tell("bad", "Chữ ký sai", "Điểm xác nhận không có chữ ký của khóa này (khóa có thể đã được đổi).");
  else tell("bad", "Chữ ký sai", "Không khóa nào ở trên đã ký điểm xác nhận này.");
  return false;
}

function names(checkpoint, keys) {
  return checkpoint.signatures.some(({ name, value }) =>
    keys.some((key) => key.name === name && same(value.slice(0, 4), key.id)),
  );
}

function step(state, title, detail) {
  return h(
    "li",
    { class: state },
    icon({ ok: "check", bad: "cross", open: "question" }[state]),
    h("div", {}, h("strong", {}, title), detail && h("p", {}, detail)),
  );
}

function judgement(isProved) {
  if (isProved === true)
    return h(
      "div",
      { class: "outcome yes", role: "status", "data-verdict": "proved" },
      icon("check"),
      h("div", {}, h("p", { class: "title" }, "Đã kiểm chứng: bản ghi nguyên vẹn trong nhật ký đã ký")),
    );
  if (isProved === false)
    return h(
      "div",
      { class: "outcome failure", role: "alert", "data-verdict": "refuted" },
      icon("cross"),
      h(
        "div",
        {},
        h("p", { class: "title" }, "KHÔNG kiểm chứng được: bản ghi hoặc nhật ký đã bị thay đổi"),
        h("p", {}, "Giữ nguyên hiện trạng, lưu màn hình này và báo người phụ trách an toàn thông tin."),
      ),
    );
  return h(
    "div",
    { class: "outcome no", role: "status", "data-verdict": "open" },
    icon("question"),
    h(
      "div",
      {},
      h("p", { class: "title" }, "Chưa kết luận được"),
      h("p", {}, "Có bước chưa kiểm được; đó không phải là dấu hiệu nhật ký bị thay đổi."),
    ),
  );
}
