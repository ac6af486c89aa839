// A sign-in service for tests, as a process of its own: `node sign-in-service.mjs PORT RETURN-ADDRESS [liar]`.
// Without `liar` it is npm's oidc-provider. With it, a small one that can lie about every claim of its tokens; what it says next
// is set with POST /_say. (oidc-provider itself cannot be made to lie.)
import { createHash } from "node:crypto";
import { createServer } from "node:http";
import { SignJWT, UnsecuredJWT, exportJWK, generateKeyPair } from "jose";

const [port, back, liar] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;
const client = { id: "stadtbrief", secret: "nur-Tests-0123456789-abcdefghijkl" };

/** Who works here, by sign-in name; changed with POST /_people. */
let people = {};

async function body(request) {
  let text = "";
  for await (const piece of request) text += piece;
  return text;
}

async function real() {
  const { Provider } = await import("oidc-provider");
  const provider = new Provider(issuer, {
    clients: [{ client_id: client.id, client_secret: client.secret, redirect_uris: [back], grant_types: ["authorization_code"], response_types: ["code"] }],
    pkce: { required: () => true },
    claims: { openid: ["sub", "roles"], email: ["email", "email_verified"], profile: ["name"] },
    findAccount: (_, id) => people[id] && { accountId: id, claims: async () => ({ sub: id, ...people[id] }) },
    loadExistingGrant: async (ctx) => {
      const grant = new ctx.oidc.provider.Grant({ clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId });
      grant.addOIDCScope("openid email profile");
      await grant.save();
      return grant;
    },
    cookies: { keys: ["tests only"] },
  });
  const answer = provider.callback();
  return async (request, response) => {
    if (request.url === "/_people") {
      people = JSON.parse(await body(request));
      return response.end();
    }
    return answer(request, response);
  };
}

async function lying() {
  const [own, other] = [await generateKeyPair("RS256"), await generateKeyPair("RS256")];
  const jwk = { ...(await exportJWK(own.publicKey)), kid: "1", alg: "RS256", use: "sig" };
  let lie = "";
  const asked = new Map();
  const json = (response, value, status = 200) => {
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(value));
  };
  return async (request, response) => {
    const url = new URL(request.url, issuer);
    if (url.pathname === "/_say") {
      lie = await body(request);
      return response.end();
    }
    if (url.pathname === "/.well-known/openid-configuration")
      return json(response, {
        issuer: lie === "description" ? "http://127.0.0.1:1" : issuer,
        authorization_endpoint: `${issuer}/auth`,
        token_endpoint: lie === "insecure" ? "http://192.0.2.7/token" : `${issuer}/token`,
        jwks_uri: `${issuer}/jwks`,
        response_types_supported: ["code"],
        subject_types_supported: ["public"],
        id_token_signing_alg_values_supported: ["RS256"],
      });
    if (url.pathname === "/jwks") return json(response, { keys: [jwk] });
    if (url.pathname === "/auth") {
      const q = url.searchParams;
      const code = Math.random().toString(36).slice(2);
      asked.set(code, { nonce: q.get("nonce"), challenge: q.get("code_challenge") });
      const to = new URL(q.get("redirect_uri"));
      if (lie === "refuse") to.searchParams.set("error", "access_denied");
      else to.searchParams.set("code", code);
      to.searchParams.set("state", lie === "state" ? "something else" : q.get("state"));
      if (lie === "mix-up") to.searchParams.set("iss", "https://login.elsewhere.example");
      response.writeHead(303, { location: to.href });
      return response.end();
    }
    if (url.pathname === "/token") {
      const form = new URLSearchParams(await body(request));
      const question = asked.get(form.get("code"));
      asked.delete(form.get("code"));
      const challenge = createHash("sha256").update(form.get("code_verifier") ?? "").digest("base64url");
      const basic = Buffer.from((request.headers.authorization ?? "").replace("Basic ", ""), "base64").toString();
      const known = basic.split(":").map((part) => decodeURIComponent(part.replaceAll("+", " ")));
      if (!question || question.challenge !== challenge || known[1] !== client.secret) return json(response, { error: "invalid_grant" }, 400);
      const now = Math.floor(Date.now() / 1000);
      const claims = {
        iss: lie === "issuer" ? "https://login.elsewhere.example" : issuer,
        aud: lie === "audience" ? "another-portal" : client.id,
        sub: "eve",
        name: "Eve Echt",
        email: "eve@lindenau.example",
        email_verified: true,
        roles: ["sb"],
        nonce: lie === "nonce" ? "of another sign-in" : question.nonce,
        iat: lie === "expired" ? now - 7200 : now,
        exp: lie === "expired" ? now - 3600 : now + 300,
        nbf: lie === "early" ? now + 200 : now,
      };
      const key = lie === "key" ? other.privateKey : own.privateKey;
      const id_token = lie === "unsigned" ? new UnsecuredJWT(claims).encode() : await new SignJWT(claims).setProtectedHeader({ alg: "RS256", kid: "1" }).sign(key);
      return json(response, { access_token: "x", token_type: "Bearer", expires_in: 60, ...(lie === "no token" ? {} : { id_token }) });
    }
    response.writeHead(404);
    response.end();
  };
}

const answer = liar ? await lying() : await real();
createServer((request, response) => void answer(request, response)).listen(Number(port), "127.0.0.1", () => console.log("ready"));
