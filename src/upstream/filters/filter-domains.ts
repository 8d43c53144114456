/**
 * Enforces the allowed and blocked domains of a search. Not every backend accepts them, and some ignore them, so the
 * results are checked here.
 */

type SearchDomains = {
  /** Empty if every domain is allowed. */
  readonly allowedDomains: readonly string[];
  readonly blockedDomains: readonly string[];
};

/** Whether a page with this URL may be shown; never true for anything but http and https. */
export function isAllowedPage(address: string, { allowedDomains, blockedDomains }: SearchDomains): boolean {
  const url = URL.parse(address);
  if (!url || !/^https?:$/.test(url.protocol)) return false;
  const isOn = (domain: string) => matches(url, domain);
  return (allowedDomains.length === 0 || allowedDomains.some(isOn)) && !blockedDomains.some(isOn);
}

/**
 * A domain includes its subdomains. With a path, it includes everything below the path, where `*` matches anything.
 * Source: domain filtering in Anthropic's guide on its web search.
 */
function matches({ hostname, pathname }: URL, domain: string): boolean {
  const bare = domain.toLowerCase().replace(/^(https?:\/\/)?(\*\.)?/, "");
  const [site = "", ...rest] = bare.split("/");
  if (hostname !== site && !hostname.endsWith(`.${site}`)) return false;
  return isBelow(pathname.toLowerCase(), `/${rest.join("/")}`.replace(/\/$/, ""));
}

function isBelow(path: string, pattern: string): boolean {
  const [start = "", ...parts] = pattern.split("*");
  if (!path.startsWith(start)) return false;
  if (parts.length === 0) return path.length === start.length || path[start.length] === "/";
  let at = start.length;
  return parts.every((part) => {
    const found = path.indexOf(part, at);
    at = found + part.length;
    return found !== -1;
  });
}
