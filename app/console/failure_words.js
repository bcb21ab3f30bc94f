// What each failure is called, what it means to an officer, and what he does about it.

/** Stands in the advice where the request's id is shown below it. */
export const WITH_ID = " kèm mã yêu cầu bên dưới";
const NOT_KNOWN = "Kết quả chưa được biết: không có nghĩa là công dân không tồn tại.";
const AGAIN = `Hãy thử lại sau ít phút. Nếu vẫn lỗi, báo quản trị${WITH_ID}.`;

/** Title, what it means, what to do. One row for each code that an officer can meet. */
export const WORDS = {
  "population-database-error": ["Không kết nối được CSDL quốc gia về dân cư", NOT_KNOWN, AGAIN],
  "population-database-timeout": [
    "CSDL quốc gia về dân cư chưa trả lời kịp",
    NOT_KNOWN,
    "Hãy thử lại. Nếu nhiều lần không được, tiếp nhận theo giấy tờ và báo quản trị.",
  ],
  "population-database-unavailable": [
    "CSDL quốc gia về dân cư tạm ngừng phục vụ",
    NOT_KNOWN,
    "Chờ hết thời gian bên dưới rồi thử lại; có thể tiếp tục nhập hồ sơ trong lúc chờ.",
  ],
  "population-database-refused": [
    "CSDL quốc gia về dân cư từ chối yêu cầu",
    `Thủ tục hoặc cán bộ chưa được cấp phép khai thác. ${NOT_KNOWN}`,
    "Thử lại sẽ không có kết quả khác. Báo quản trị để đăng ký quyền khai thác.",
  ],
  "population-database-mismatch": [
    "CSDL quốc gia về dân cư trả về người khác",
    `Dữ liệu nhận được đã bị loại bỏ và không được hiển thị. ${NOT_KNOWN}`,
    "Không dùng kết quả nào của lượt này. Quản trị đã được cảnh báo; tiếp nhận theo giấy tờ.",
  ],
  "officer-id-missing": [
    "Tài khoản của bạn chưa có số định danh",
    `CSDL quốc gia về dân cư yêu cầu số định danh 12 chữ số của cán bộ. ${NOT_KNOWN}`,
    "Đề nghị quản trị bổ sung số định danh vào tài khoản.",
  ],
  "lookup-budget-exceeded": [
    "Đã hết số lượt tra cứu cho phép",
    `Lượt này chưa được gửi đi. ${NOT_KNOWN}`,
    "Chờ hết thời gian bên dưới rồi thử lại. Nếu công việc cần nhiều hơn, báo lãnh đạo.",
  ],
  "lookup-not-permitted": [
    "Thủ tục này không cho phép loại tra cứu này",
    "Lượt này chưa được gửi đi.",
    "Kiểm tra lại thủ tục đã chọn; nếu đúng, tiếp nhận theo giấy tờ.",
  ],
  "field-not-permitted": [
    "Thủ tục này không được nhận thông tin đã yêu cầu",
    "Lượt này chưa được gửi đi.",
    "Báo quản trị nếu thủ tục cần thông tin đó.",
  ],
  "purpose-missing": [
    "Chưa chọn thủ tục",
    "Mỗi lượt tra cứu phải gắn với một thủ tục hoặc hồ sơ.",
    "Chọn thủ tục rồi tra cứu lại.",
  ],
  "purpose-mismatch": [
    "Thủ tục không khớp với lượt tra cứu",
    "Lượt tra cứu đã làm cho một thủ tục khác.",
    "Chọn đúng thủ tục rồi tra cứu lại.",
  ],
  "procedure-not-found": [
    "Thủ tục không tồn tại hoặc đã hết hiệu lực",
    "Danh mục thủ tục có thể vừa thay đổi.",
    "Chọn thủ tục khác, hoặc tải lại trang để có danh mục mới.",
  ],
  "case-closed": [
    "Hồ sơ đã kết thúc",
    "Không thể tra cứu hoặc thay đổi cho hồ sơ đã kết thúc.",
    "Tải lại hồ sơ để xem trạng thái mới nhất.",
  ],
  "case-not-found": [
    "Không có hồ sơ này",
    "Số biên nhận không tồn tại trong cơ quan của bạn.",
    "Kiểm tra lại số biên nhận.",
  ],
  "lookup-not-found": [
    "Lượt tra cứu không gắn được vào hồ sơ",
    "Lượt tra cứu đã quá 24 giờ hoặc không phải của bạn. Hồ sơ chưa được lưu.",
    "Lưu lại; nếu cần kết quả của lượt đó trong hồ sơ thì tra cứu lại trước.",
  ],
  "lookup-already-tied": [
    "Lượt tra cứu đã thuộc hồ sơ khác",
    "Hồ sơ chưa được lưu.",
    "Lưu lại; nếu cần kết quả trong hồ sơ thì tra cứu lại cho hồ sơ này trước.",
  ],
  "too-many-logins": [
    "Quá nhiều lần đăng nhập sai từ máy này",
    "Đăng nhập tạm thời bị chặn, kể cả khi mật khẩu đúng.",
    "Chờ hết thời gian bên dưới rồi đăng nhập lại. Nếu không phải bạn, báo quản trị.",
  ],
  "transition-not-allowed": [
    "Không chuyển được trạng thái",
    "Trạng thái hồ sơ có thể vừa được người khác thay đổi.",
    "Tải lại hồ sơ rồi chọn bước tiếp theo.",
  ],
  "precondition-failed": [
    "Hồ sơ vừa được người khác thay đổi",
    "Thay đổi của bạn chưa được lưu, để không ghi đè lên thay đổi của người kia.",
    "Tải lại hồ sơ, xem thay đổi mới, rồi thực hiện lại.",
  ],
  "idempotency-key-reused": [
    "Nội dung đã khác lần gửi trước",
    "Hồ sơ có thể đã được lưu với nội dung lần gửi trước.",
    "Xem danh sách hồ sơ trước khi gửi lại.",
  ],
  "idempotency-key-in-use": [
    "Lần gửi trước vẫn đang được xử lý",
    "Hồ sơ có thể sắp được lưu.",
    "Chờ vài giây rồi bấm lưu lại: hồ sơ không bị lưu hai lần.",
  ],
  "second-factor-set": [
    "Tài khoản đã có xác thực hai yếu tố",
    "Thay đổi chưa được lưu.",
    "Nhờ quản trị viên gỡ xác thực hai yếu tố cũ trước.",
  ],
  "root-admin-needed": [
    "Cần quản trị viên của cơ quan gốc",
    "Thay đổi chưa được lưu.",
    "Thủ tục dùng chung cho mọi cơ quan: nhờ quản trị viên của cơ quan gốc thực hiện.",
  ],
  "last-admin": [
    "Đây là quản trị viên cuối cùng",
    "Thay đổi chưa được lưu: hệ thống phải còn ít nhất một quản trị viên.",
    "Tạo hoặc kích hoạt một tài khoản quản trị khác trước.",
  ],
  "audit-unavailable": ["Không ghi được nhật ký tra cứu", "Vì vậy không có thông tin nào được cung cấp.", AGAIN],
  "service-unavailable": ["Dịch vụ đang bận hoặc bảo trì", "Yêu cầu có thể chưa được thực hiện.", AGAIN],
  "insufficient-scope": [
    "Tài khoản không có quyền này",
    "Yêu cầu không được thực hiện.",
    "Nếu công việc cần quyền này, báo quản trị.",
  ],
  unauthenticated: ["Phiên làm việc đã hết", "Yêu cầu chưa được thực hiện.", "Đăng nhập lại rồi thực hiện lại."],
  "validation-failed": ["Dữ liệu nhập chưa hợp lệ", "Yêu cầu chưa được thực hiện.", "Sửa các mục nêu dưới đây rồi thực hiện lại."],
  "not-found": ["Không tìm thấy", "Mục này không tồn tại hoặc ngoài phạm vi của bạn.", "Kiểm tra lại số đã nhập."],
  "agency-not-found": ["Không có cơ quan này", "Cơ quan ngoài phạm vi của bạn.", "Kiểm tra lại mã cơ quan."],
  "internal-error": ["Dịch vụ gặp lỗi", "Kết quả chưa được biết.", AGAIN],
  "old-console": [
    "Giao diện đã được cập nhật",
    "Trang này không mở được bằng giao diện cũ đang chạy.",
    "Hãy tải lại trang (F5) rồi đăng nhập lại.",
  ],
  "no-answer": [
    "Không nhận được trả lời từ dịch vụ",
    "Mạng có thể bị gián đoạn; chưa biết yêu cầu đã được thực hiện hay chưa.",
    "Kiểm tra mạng rồi thử lại.",
  ],
};
export const UNKNOWN = ["Yêu cầu không thực hiện được", "Kết quả chưa được biết.", AGAIN];
