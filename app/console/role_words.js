// What officers' roles are called.

export const ROLES = { receiver: "Cán bộ tiếp nhận", manager: "Lãnh đạo", auditor: "Thanh tra", admin: "Quản trị" };
