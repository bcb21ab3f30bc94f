// A citizen's record in its groups, and what of it goes into a form.

import { facts, h } from "./dom.js";
import { showDate } from "./claims.js";

const coded = (value) => value && (value.label ?? `Mã ${value.code}`);

/** Write an address in a line; a detail that holds the ward's name already is not given it again. */
export function address(value) {
  if (!value) return null;
  const units = [value.ward, value.district, value.province].map(coded).filter(Boolean);
  const detail = value.detail ?? "";
  const line = [detail, ...units.filter((unit) => !detail.includes(unit))].filter(Boolean).join(", ");
  const abroad = value.country && value.country.code !== "VN" ? coded(value.country) : null;
  return [line, abroad].filter(Boolean).join(", ") || null;
}

const CITIZEN = [
  ["full_name", "Họ, chữ đệm và tên"],
  ["gender", "Giới tính", coded],
  ["birth_date", "Ngày, tháng, năm sinh", showDate],
  ["id_number", "Số định danh cá nhân"],
  ["old_id_number", "Số CMND"],
  ["ethnicity", "Dân tộc", coded],
  ["religion", "Tôn giáo", coded],
  ["blood_type", "Nhóm máu", coded],
  ["marital_status", "Tình trạng hôn nhân", coded],
  ["nationality", "Quốc tịch", coded],
  ["birth_registration_place", "Nơi đăng ký khai sinh", address],
  ["native_place", "Quê quán", address],
  ["permanent_address", "Nơi thường trú", address],
  ["current_address", "Nơi ở hiện tại", address],
];
const HEAD = [
  ["full_name", "Họ, chữ đệm và tên"],
  ["relationship", "Quan hệ với chủ hộ", coded],
  ["id_number", "Số định danh cá nhân"],
  ["old_id_number", "Số CMND"],
];
const RELATIVE = [
  ["full_name", "Họ, chữ đệm và tên"],
  ["nationality", "Quốc tịch", coded],
  ["id_number", "Số định danh cá nhân"],
  ["old_id_number", "Số CMND"],
];
const GROUPS = [
  ["citizen", "Công dân", CITIZEN],
  ["household_head", "Chủ hộ", HEAD],
  ["father", "Cha", RELATIVE],
  ["mother", "Mẹ", RELATIVE],
  ["spouse", "Vợ/Chồng", RELATIVE],
];

/** Show the groups that the procedure may have; what the register does not know says so. */
export function recordView(answer) {
  return h(
    "div",
    { class: "stack record" },
    GROUPS.filter(([name]) => name in answer).map(([name, title, members]) => {
      const part = answer[name];
      const known =
        part === null
          ? [["Thông tin", null]]
          : members
              .filter(([member]) => member in part)
              .map(([member, label, show = (value) => value]) => [label, show(part[member])]);
      return h("section", { class: "record-group" }, h("h3", {}, title), facts(known));
    }),
  );
}

/** What of the record a case's form has a field for. */
export function fillable({ citizen, household_head: head }) {
  const values = {
    full_name: citizen?.full_name ?? null,
    id_number: citizen?.id_number ?? null,
    birth_date: citizen?.birth_date ?? null,
    address: address(citizen?.current_address) ?? address(citizen?.permanent_address),
  };
  return {
    ...values,
    household_head: head ? { full_name: head.full_name, id_number: head.id_number ?? head.old_id_number } : null,
  };
}
