/** Sends the key as every client does; the proxy answers with a cookie that scripts cannot read. */
import { find } from "./dom.ts";

const form = find("login", HTMLFormElement);
const key = find("key", HTMLInputElement);
const problem = find("problem", HTMLElement);
const button = form.querySelector("button");

form.addEventListener("submit", (event) => {
  event.preventDefault();
  void signIn();
});
key.focus();

async function signIn(): Promise<void> {
  problem.textContent = "";
  if (button) button.disabled = true;
  const says = await trySignIn();
  if (says === undefined) {
    location.reload();
    return;
  }
  problem.textContent = says;
  key.setAttribute("aria-invalid", "true");
  if (button) button.disabled = false;
  key.select();
}

/** What is wrong, or undefined if nothing is. */
async function trySignIn(): Promise<string | undefined> {
  const sent = key.value.trim();
  if (!/^[\x21-\x7e]+$/.test(sent)) return "A key has only ASCII letters, digits and signs, and no spaces.";
  try {
    const response = await fetch("/page/sign-in", { method: "POST", headers: { "x-api-key": sent } });
    if (response.ok) return undefined;
    return response.status === 401
      ? "This is not one of the proxy's keys."
      : `The proxy answers ${response.status}.`;
  } catch {
    return "The proxy does not answer. Is it running?";
  }
}
