// The small vocabularies of a case, in Vietnamese, and how its state is shown.

import { figure, h, icon } from "./dom.js";

export const STATUSES = {
  submitted: "Mới đăng ký",
  received: "Được tiếp nhận",
  rejected: "Không được tiếp nhận",
  in_progress: "Đang xử lý",
  supplement_requested: "Yêu cầu bổ sung giấy tờ",
  payment_requested: "Yêu cầu thực hiện nghĩa vụ tài chính",
  withdrawn: "Công dân yêu cầu rút hồ sơ",
  stopped: "Dừng xử lý",
  completed: "Đã xử lý xong",
  returned: "Đã trả kết quả",
};
/** Which step may follow which; the service is the one who decides. */
export const NEXT = {
  submitted: ["received", "rejected"],
  received: ["in_progress", "supplement_requested", "payment_requested", "withdrawn", "stopped"],
  in_progress: ["completed", "supplement_requested", "payment_requested", "withdrawn", "stopped"],
  supplement_requested: ["in_progress", "withdrawn", "stopped"],
  payment_requested: ["in_progress", "withdrawn", "stopped"],
  completed: ["returned"],
  rejected: [],
  withdrawn: [],
  stopped: [],
  returned: [],
};
export const NEEDS_NOTE = new Set(["rejected", "supplement_requested", "stopped"]);
export const ENDED = new Set(["rejected", "withdrawn", "stopped", "completed", "returned"]);
export const CHANNELS = { in_person: "Trực tiếp", online: "Trực tuyến", postal: "Bưu chính" };
export const FORMS = {
  original: "Bản chính",
  certified_copy: "Bản sao chứng thực",
  copy: "Bản sao",
  electronic: "Bản điện tử",
};
export const PAYMENTS = {
  not_required: "Không thu phí",
  pending: "Chờ thanh toán",
  paid: "Đã thanh toán",
  waived: "Miễn phí",
};
export const LEVELS = { information: "Cung cấp thông tin", partial: "Một phần", full_online: "Toàn trình" };
export const LOOKUP_KINDS = {
  "id-card": "Xác nhận CCCD-CMND",
  "household-head": "Xác nhận chủ hộ",
  "citizen-share": "Kiểm tra thông tin",
};
/** What a receipt number looks like, as it is typed. */
export const RECEIPT = /^[A-Z0-9.]+-\d{6,8}-\d{4,8}$/i;
const RESULTS = {
  exists: "Công dân tồn tại",
  found: "Tìm thấy công dân",
  not_found: "Công dân không tồn tại",
  confirmed: "Là chủ hộ",
  not_head: "Không phải chủ hộ",
};

/** Write a lookup's result; a failure's code stays what it is: a lookup without a result. */
export function resultWords(result) {
  return RESULTS[result] ?? `Chưa có kết quả (${result})`;
}

export function statusBadge(one) {
  return h("span", { class: `badge ${one.status}` }, one.status_label);
}

export function hoursLeft(one) {
  if (one.hours_left === null) return null;
  if (one.is_overdue) return h("span", { class: "hours late" }, icon("warn"), `Trễ ${figure(Math.abs(one.hours_left))} giờ`);
  return h("span", { class: one.hours_left <= 8 ? "hours soon" : "hours" }, `${figure(one.hours_left)} giờ`);
}
