// The three lookups as elements for other front ends: the same dialogs as the console's, in a foreign form.
//
// <script type="module" src="https://motcua.example.vn/console/elements.js"></script>
// <motcua-verify-id-card procedure-code="1.004194" name-from="hoten" number-from="cccd" date-from="ngaysinh">
//
// element.getToken = async () => "..." gives the officer's access token; it is asked when one is needed.
// Events, which cross shadow roots: "motcua-answer" (detail: {kind, answer}), "motcua-fill" (detail: {values, answer}).

import { Api } from "./api.js";
import { birthDateFault, nameFault, numberFault, parseDate, showDate, upperName } from "./claims.js";
import { button, h, put } from "./dom.js";
import { openHouseholdDialog } from "./household_dialog.js";
import { openIdCardDialog, openShareDialog } from "./lookup_dialogs.js";

let sheet = null;

// Shared by all elements, and no style element that a foreign page's policy would have to allow.
function look() {
  sheet ??= fetch(new URL("console.css", import.meta.url), { credentials: "omit" }).then(async (answer) => {
    if (!answer.ok) throw new Error("no style");
    const made = new CSSStyleSheet();
    await made.replace(await answer.text());
    return made;
  });
  sheet.catch(() => {
    sheet = null;
  });
  return sheet;
}

class LookupElement extends HTMLElement {
  constructor() {
    super();
    this.attachShadow({ mode: "open" });
    /** The page's way to an officer's access token; null gives up. */
    this.getToken = async () => null;
    this._api = new Api({ renewToken: () => this.getToken() });
  }

  async connectedCallback() {
    if (this.shadowRoot.childElementCount) return;
    this._message = h("p", { class: "error", role: "alert", hidden: true });
    this._button = button(this.getAttribute("label") ?? this.constructor.label, () => this.open(), {
      symbol: this.constructor.symbol,
    });
    const box = h("div", { hidden: true }, this._button, this._message);
    put(this.shadowRoot, box);
    try {
      this.shadowRoot.adoptedStyleSheets = [await look()];
    } finally {
      // Without its style it works all the same.
      box.hidden = false;
    }
  }

  /** What the foreign form says; the page may set `claim` instead of naming its fields. */
  get claim() {
    return (
      this._claim ?? {
        full_name: upperName(this._read("name-from")),
        id_number: this._read("number-from"),
        birth_date: parseDate(this._read("date-from")) ?? this._read("date-from"),
      }
    );
  }

  set claim(claim) {
    this._claim = claim;
  }

  open() {
    const purpose = this._purpose();
    const { claim } = this;
    const fault = Object.keys(purpose).length === 0 ? "Chưa chọn thủ tục." : this.constructor.fault(claim);
    this._message.hidden = fault === null;
    put(this._message, fault ?? "");
    if (fault !== null) return null;
    return this.constructor.dialog({
      root: this.shadowRoot,
      api: this._api,
      purpose,
      claim,
      members: this._members(),
      onAnswer: (kind, answer) => this._tell("motcua-answer", { kind, answer }),
      onFill: (values, answer) => this._fill(values, answer),
    });
  }

  _purpose() {
    const named = {
      procedure_code: this.getAttribute("procedure-code"),
      receipt_number: this.getAttribute("receipt-number"),
    };
    return Object.fromEntries(Object.entries(named).filter(([, value]) => value));
  }

  _members() {
    return (this.getAttribute("members-from") ?? "")
      .split(/\s+/)
      .filter(Boolean)
      .map((id) => this._value(id))
      .filter(Boolean);
  }

  _read(attribute) {
    const id = this.getAttribute(attribute);
    return id ? this._value(id) : "";
  }

  _value(id) {
    return (this.getRootNode().getElementById(id)?.value ?? "").trim();
  }

  // The page may take the filling over by preventing the event's default.
  _fill(values, answer) {
    if (!this._tell("motcua-fill", { values, answer })) return;
    for (const [attribute, value] of [
      ["name-from", values.full_name],
      ["number-from", values.id_number],
      ["date-from", showDate(values.birth_date)],
      ["address-to", values.address],
    ]) {
      const place = this.hasAttribute(attribute) && this.getRootNode().getElementById(this.getAttribute(attribute));
      if (!place || !value) continue;
      place.value = value;
      place.readOnly = true;
      place.dispatchEvent(new Event("input", { bubbles: true }));
      place.dispatchEvent(new Event("change", { bubbles: true }));
    }
  }

  _tell(name, detail) {
    return this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true, cancelable: true }));
  }
}

function claimFault(claim) {
  return nameFault(claim.full_name) ?? numberFault(claim.id_number) ?? birthDateFault(showDate(claim.birth_date) ?? "");
}

class VerifyIdCard extends LookupElement {
  static label = "Xác nhận CCCD-CMND";
  static symbol = "person";
  static dialog = openIdCardDialog;
  static fault = claimFault;
}

class CitizenShare extends LookupElement {
  static label = "Kiểm tra thông tin";
  static symbol = "record";
  static dialog = openShareDialog;
  static fault = claimFault;
}

class HouseholdHead extends LookupElement {
  static label = "Xác nhận chủ hộ";
  static symbol = "home";
  static dialog = openHouseholdDialog;
  // The dialog has fields of its own.
  static fault = () => null;
}

customElements.define("motcua-verify-id-card", VerifyIdCard);
customElements.define("motcua-citizen-share", CitizenShare);
customElements.define("motcua-household-head", HouseholdHead);
