// Starts Swagger UI. A session token may come in the address, as `#token=…`: no server sees that part. It is taken out of the
// address, and lives in the page's memory only.

const SCHEME = "sessionToken";

function takeToken() {
  const token = new URLSearchParams(location.hash.slice(1)).get("token");
  if (token) history.replaceState(null, "", location.pathname + location.search);
  return token;
}

window.addEventListener("load", () => {
  const token = takeToken();
  const authorize = (given) => given && ui.preauthorizeApiKey(SCHEME, given);
  const ui = SwaggerUIBundle({
    url: "openapi.json",
    dom_id: "#swagger-ui",
    deepLinking: true,
    tryItOutEnabled: true,
    persistAuthorization: false,
    displayRequestDuration: true,
    // Types are long, and their examples say most of it.
    defaultModelsExpandDepth: 0,
    defaultModelExpandDepth: 2,
    // The badge would ask somebody else's server about the document.
    validatorUrl: null,
    onComplete: () => authorize(token),
  });
  // Another token for a page that is open already.
  window.addEventListener("hashchange", () => authorize(takeToken()));
});
