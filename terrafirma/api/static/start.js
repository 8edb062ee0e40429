// Starts Swagger UI on this server's own description. No validator: it would be asked over the network.
"use strict";

window.ui = SwaggerUIBundle({
  url: location.pathname.replace(/\/docs\/swagger.*$/, "/openapi.json"),
  dom_id: "#operations",
  deepLinking: true,
  displayRequestDuration: true,
  docExpansion: "none", // it cannot draw more than about 120 operations at once
  filter: true,
  tryItOutEnabled: true,
  validatorUrl: null,
});
