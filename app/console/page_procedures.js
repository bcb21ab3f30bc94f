// Thủ tục: what each procedure is, which lookups it allows and which fields it may receive.

import { everyPage } from "./api.js";
import { LEVELS, LOOKUP_KINDS } from "./case_words.js";
import { button, choice, field, h, openDialog, put, table } from "./dom.js";
import { failurePanel, showFaults } from "./failures.js";

const RELATIVE = { full_name: "Họ tên", nationality: "Quốc tịch", id_number: "Số định danh", old_id_number: "Số CMND" };
const FIELDS = {
  citizen: [
    "Công dân",
    {
      full_name: "Họ tên",
      gender: "Giới tính",
      id_number: "Số định danh",
      old_id_number: "Số CMND",
      birth_date: "Ngày sinh",
      ethnicity: "Dân tộc (nhạy cảm)",
      religion: "Tôn giáo (nhạy cảm)",
      blood_type: "Nhóm máu (nhạy cảm)",
      marital_status: "Tình trạng hôn nhân",
      nationality: "Quốc tịch",
      birth_registration_place: "Nơi đăng ký khai sinh",
      native_place: "Quê quán",
      permanent_address: "Nơi thường trú",
      current_address: "Nơi ở hiện tại",
    },
  ],
  household_head: [
    "Chủ hộ",
    { full_name: "Họ tên", id_number: "Số định danh", old_id_number: "Số CMND", relationship: "Quan hệ" },
  ],
  father: ["Cha", RELATIVE],
  mother: ["Mẹ", RELATIVE],
  spouse: ["Vợ/Chồng", RELATIVE],
};
const SENSITIVE = new Set(["citizen.ethnicity", "citizen.religion", "citizen.blood_type"]);

export async function show(page, { api }) {
  const results = h("div", { class: "results", "aria-live": "polite" });
  const load = async (message = null) => {
    try {
      const all = await everyPage(api, "/procedures");
      put(
        results,
        message && h("p", { class: "note good", role: "status" }, message),
        table(
          "Thủ tục hành chính",
          ["Mã", "Tên thủ tục", "Mức độ", "Số ngày", "Tra cứu được phép", "Hiệu lực", "Thao tác"],
          all.map((one) => [
            h("span", { class: "number" }, one.code),
            one.name,
            LEVELS[one.level],
            one.processing_days,
            one.lookups.map((kind) => LOOKUP_KINDS[kind]).join(", ") || "Không",
            h("span", { class: `badge ${one.is_active ? "good" : "unknown"}` }, one.is_active ? "Đang dùng" : "Ngừng"),
            button("Sửa", () => openProcedureDialog(api, one, load), { "aria-label": `Sửa thủ tục ${one.code}` }),
          ]),
        ),
      );
    } catch (error) {
      put(results, failurePanel(error, { retry: () => load() }));
    }
  };
  put(
    page,
    h(
      "div",
      { class: "page-head" },
      h("h1", {}, "Thủ tục hành chính"),
      button("Thêm thủ tục", () => openProcedureDialog(api, null, load), { kind: "primary", symbol: "plus" }),
    ),
    results,
  );
  put(results, h("p", { class: "loading" }, "Đang tải…"));
  await load();
}

function openProcedureDialog(api, one, onSaved) {
  const dialog = openDialog(document, one ? `Sửa thủ tục ${one.code}` : "Thêm thủ tục", { wide: true });
  const code = field("Mã thủ tục", { value: one?.code ?? "", maxlength: 40, required: true });
  code.input.readOnly = one !== null;
  const fields = {
    "/name": field("Tên thủ tục", { value: one?.name ?? "", maxlength: 300, required: true }),
    "/level": choice("Mức độ", Object.entries(LEVELS), { value: one?.level ?? "full_online" }),
    "/processing_days": field("Số ngày làm việc", {
      type: "number",
      min: 0,
      value: String(one?.processing_days ?? 3),
      required: true,
    }),
    "/national_code": field("Mã gửi CSDL dân cư (MaDVC)", {
      value: one?.national_code ?? "",
      hint: "Để trống: dùng mã thủ tục.",
    }),
  };
  const isActive = check("Đang hiệu lực", one?.is_active ?? true);
  const lookups = Object.entries(LOOKUP_KINDS).map(([kind, words]) => ({
    kind,
    ...check(words, one?.lookups.includes(kind) ?? false),
  }));
  const leaves = Object.entries(FIELDS).flatMap(([group, [, members]]) =>
    Object.entries(members).map(([member, words]) => {
      const path = `${group}.${member}`;
      const isGranted = one?.share_fields.includes(path) || (!SENSITIVE.has(path) && one?.share_fields.includes(group));
      return { group, path, ...check(words, Boolean(isGranted)) };
    }),
  );
  const message = h("div", {});
  const save = async () => {
    code.showError(
      /^[A-Za-z0-9]([A-Za-z0-9._-]{0,38}[A-Za-z0-9])?$/.test(code.value)
        ? null
        : "Mã chỉ gồm chữ cái không dấu, chữ số, dấu chấm, gạch.",
    );
    fields["/name"].showError(fields["/name"].value ? null : "Chưa nhập tên.");
    fields["/processing_days"].showError(/^\d+$/.test(fields["/processing_days"].value) ? null : "Nhập số ngày, từ 0.");
    const wrong = dialog.element.querySelector("[aria-invalid]");
    if (wrong) return wrong.focus();
    go.setAttribute("aria-busy", "true");
    put(message);
    try {
      await api.put(`/procedures/${encodeURIComponent(code.value)}`, {
        name: fields["/name"].value,
        level: fields["/level"].value,
        processing_days: Number(fields["/processing_days"].value),
        national_code: fields["/national_code"].value || null,
        is_active: isActive.input.checked,
        lookups: lookups.filter((item) => item.input.checked).map((item) => item.kind),
        share_fields: leaves.filter((leaf) => leaf.input.checked).map((leaf) => leaf.path),
      });
      dialog.close();
      onSaved(`Đã lưu thủ tục ${code.value}. Thay đổi có hiệu lực ở mọi máy trong vòng nửa phút.`);
    } catch (error) {
      if (
        error.code !== "validation-failed" ||
        !showFaults(error, (pointer) => fields[pointer] ?? (pointer === "code" ? code : undefined))
      )
        put(message, failurePanel(error, { retry: save }));
    } finally {
      go.removeAttribute("aria-busy");
    }
    return undefined;
  };
  const go = button("Lưu thủ tục", save, { kind: "primary" });
  put(
    dialog.body,
    h(
      "div",
      { class: "grid" },
      code.element,
      Object.values(fields).map((item) => item.element),
      isActive.element,
    ),
    h(
      "fieldset",
      {},
      h("legend", {}, "Tra cứu được phép"),
      h(
        "div",
        { class: "row" },
        lookups.map((item) => item.element),
      ),
    ),
    Object.entries(FIELDS).map(([group, [title]]) =>
      h(
        "fieldset",
        {},
        h("legend", {}, `Thông tin được nhận: ${title}`),
        h(
          "div",
          { class: "checks" },
          leaves.filter((leaf) => leaf.group === group).map((leaf) => leaf.element),
        ),
      ),
    ),
    message,
  );
  put(dialog.foot, button("Đóng", dialog.close), go);
}

function check(words, isOn) {
  const input = h("input", { type: "checkbox", checked: isOn });
  return { input, element: h("label", { class: "check" }, input, words) };
}
