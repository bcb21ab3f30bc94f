"use strict";
// The search would need a worker from a blob, which the page's policy does not allow.
Redoc.init("openapi.json", { disableSearch: true, hideDownloadButton: false }, document.getElementById("redoc"));
