// The form of a procedure: what it is, which lookups it allows and which fields of a citizen it may receive.

import { LEVELS, LOOKUP_KINDS } from "./case_words.js";
import { openForm } from "./directory_form.js";
import { choice, field, h } from "./dom.js";

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

const CODE = /^[A-Za-z0-9]([A-Za-z0-9._-]{0,38}[A-Za-z0-9])?$/;

/** `one` is null for a new one. */
export function openProcedureDialog(context) {
  const { one } = context;
  const code = field("Mã thủ tục", { value: one?.code ?? "", maxlength: 40, required: true });
  code.input.readOnly = one !== null;
  code.fault = () => (CODE.test(code.value) ? null : "Mã chỉ gồm chữ cái không dấu, chữ số, dấu chấm, gạch.");
  const name = field("Tên thủ tục", { value: one?.name ?? "", maxlength: 300, required: true });
  const level = choice("Mức độ", Object.entries(LEVELS), { value: one?.level ?? "full_online" });
  const value = String(one?.processing_days ?? 3);
  const days = field("Số ngày làm việc", { type: "number", min: 0, value, required: true });
  days.fault = () => (/^\d+$/.test(days.value) ? null : "Nhập số ngày, từ 0.");
  const nationalCode = field("Mã gửi CSDL dân cư (MaDVC)", {
    value: one?.national_code ?? "",
    hint: "Để trống: dùng mã thủ tục.",
  });
  const isActive = check("Đang hiệu lực", one?.is_active ?? true);
  const lookups = lookupChecks(one);
  const leaves = leafChecks(one);
  openForm(context, {
    title: one ? `Sửa thủ tục ${one.code}` : "Thêm thủ tục",
    fields: {
      "/code": code,
      "/name": name,
      "/level": level,
      "/processing_days": days,
      "/national_code": nationalCode,
    },
    required: [code, name, days],
    more: [isActive.element, group("Tra cứu được phép", "row", lookups), leafGroups(leaves)],
    path: () => `/procedures/${encodeURIComponent(code.value)}`,
    body: () => ({
      name: name.value,
      level: level.value,
      processing_days: Number(days.value),
      national_code: nationalCode.value || null,
      is_active: isActive.input.checked,
      lookups: lookups.filter((item) => item.input.checked).map((item) => item.kind),
      share_fields: leaves.filter((leaf) => leaf.input.checked).map((leaf) => leaf.path),
    }),
    saving: "Lưu thủ tục",
    taken: "Đã có thủ tục mang mã này. Đóng lại rồi bấm Sửa ở dòng của thủ tục đó.",
    words: () => `Đã lưu thủ tục ${code.value}. Thay đổi có hiệu lực ở mọi máy trong vòng nửa phút.`,
  });
}

function lookupChecks(one) {
  return Object.entries(LOOKUP_KINDS).map(([kind, words]) => ({
    kind,
    ...check(words, one?.lookups.includes(kind) ?? false),
  }));
}

function leafChecks(one) {
  const isGranted = (group, path) =>
    one?.share_fields.includes(path) || (!SENSITIVE.has(path) && one?.share_fields.includes(group));
  return Object.entries(FIELDS).flatMap(([group, [, members]]) =>
    Object.entries(members).map(([member, words]) => {
      const path = `${group}.${member}`;
      return { group, path, ...check(words, Boolean(isGranted(group, path))) };
    }),
  );
}

function leafGroups(leaves) {
  return Object.entries(FIELDS).map(([name, [title]]) =>
    group(
      `Thông tin được nhận: ${title}`,
      "checks",
      leaves.filter((leaf) => leaf.group === name),
    ),
  );
}

function group(title, look, items) {
  return h(
    "fieldset",
    {},
    h("legend", {}, title),
    h(
      "div",
      { class: look },
      items.map((item) => item.element),
    ),
  );
}

function check(words, isOn) {
  const input = h("input", { type: "checkbox", checked: isOn });
  return { input, element: h("label", { class: "check" }, input, words) };
}
