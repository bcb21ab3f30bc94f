// What an officer types about a person: number, name, date; and the code of a card read by a scanner.

/** What is said of 31/02/1990. */
export const NO_DAY = "Ngày này không có trong lịch.";

/** Read dd/mm/yyyy, mm/yyyy or yyyy (also eight digits from a scanner); null if it is no such date. */
export function parseDate(text) {
  const form = text.trim();
  const whole = /^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})$/.exec(form) ?? /^(\d{2})(\d{2})(\d{4})$/.exec(form);
  if (whole) return day(whole[3], whole[2], whole[1]);
  const month = /^(\d{1,2})[/.-](\d{4})$/.exec(form);
  if (month)
    return Number(month[1]) >= 1 && Number(month[1]) <= 12 && isYear(month[2])
      ? `${month[2]}-${month[1].padStart(2, "0")}`
      : null;
  return /^\d{4}$/.test(form) && isYear(form) ? form : null;
}

function isYear(text) {
  return Number(text) >= 1800 && Number(text) <= 2200;
}

function day(year, month, date) {
  const made = new Date(0);
  made.setUTCFullYear(Number(year), Number(month) - 1, Number(date));
  const fits = made.getUTCMonth() === Number(month) - 1 && made.getUTCDate() === Number(date);
  return fits && isYear(year) ? `${year}-${month.padStart(2, "0")}-${date.padStart(2, "0")}` : null;
}

/** Tell whether this has the form of a day and yet is none, as 31/02/1990. */
export function isNoDayOfTheYear(text) {
  return /^(\d{1,2}[/.-]\d{1,2}[/.-]\d{4}|\d{8})$/.test(text.trim()) && parseDate(text) === null;
}

/** Write a date of the service as it is read here: 1990-07 becomes 07/1990. */
export function showDate(text) {
  return text ? text.split("-").reverse().join("/") : null;
}

/** Tell what is wrong with a birth date; null if nothing is. */
export function birthDateFault(text) {
  if (!text) return "Chưa nhập ngày, tháng, năm sinh.";
  const date = parseDate(text);
  if (isNoDayOfTheYear(text)) return NO_DAY;
  if (date === null) return "Nhập ngày/tháng/năm, tháng/năm hoặc năm. Ví dụ: 30/07/1990, 07/1990, 1990.";
  const today = new Date().toLocaleDateString("sv-SE", { timeZone: "Asia/Ho_Chi_Minh" });
  return date > today.slice(0, date.length) ? "Ngày sinh ở tương lai." : null;
}

/** Tell what is wrong with a number; null if nothing is. */
export function numberFault(text) {
  if (!text) return "Chưa nhập số CCCD/CMND.";
  return /^(?:[0-9]{9}|[0-9]{12})$/.test(text) ? null : "Số CCCD có 12 chữ số, số CMND có 9 chữ số.";
}

/** Tell what is wrong with a name; null if nothing is. */
export function nameFault(text) {
  if (!text) return "Chưa nhập họ và tên.";
  return text.length > 200 ? "Họ và tên dài quá 200 ký tự." : null;
}

/**
 * Read the code of a CCCD as a scanner types it: id|CMND9|name|ddMMyyyy|gender|address|issue. Later cards have
 * more parts. Null if the text is no such code.
 */
export function parseCardCode(text) {
  const parts = text
    .trim()
    .split("|")
    .map((part) => part.trim());
  if (parts.length < 6 || !/^[0-9]{12}$/.test(parts[0])) return null;
  const birthDate = parseDate(parts[3]);
  if (!parts[2] || birthDate === null) return null;
  return {
    id_number: parts[0],
    old_id_number: /^[0-9]{9}$/.test(parts[1]) ? parts[1] : null,
    full_name: parts[2].normalize("NFC"),
    birth_date: birthDate,
    address: parts[5] || null,
  };
}

/** Write a name as papers have it; what is pasted may have tabs and other blanks in it. */
export function upperName(text) {
  return text.normalize("NFC").replace(/\s+/g, " ").trim().toLocaleUpperCase("vi");
}
