// Shows the elements in a foreign form. A real system gives the token that its own server got for the officer.

import { logIn } from "./api.js";
import "./elements.js";

const at = (id) => document.getElementById(id);
let token = null;

at("login").addEventListener("submit", async (event) => {
  event.preventDefault();
  try {
    token = (await logIn({ username: at("user").value, password: at("word").value })).access_token;
    at("state").textContent = "đã có mã";
  } catch (error) {
    token = null;
    at("state").textContent = error.refused ? "sai tài khoản hoặc mật khẩu" : "không lấy được mã";
  }
});

for (const element of document.querySelectorAll("motcua-verify-id-card, motcua-citizen-share, motcua-household-head")) {
  element.getToken = async () => token;
}

at("registration").addEventListener("submit", (event) => event.preventDefault());
at("registration").addEventListener("motcua-answer", ({ detail }) => {
  const { kind, answer } = detail;
  at("heard").textContent =
    `Biểu mẫu nhận được: ${kind} – ${answer.result ?? answer.head.result} (${answer.lookup_id})`;
});
