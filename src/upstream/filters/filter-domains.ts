/** Where a search may look. Not every backend can be told, and some ignore it, so what they find is held against it. */

type SearchDomains = {
  /** Empty where any site will do. */
  readonly allowedDomains: readonly string[];
  readonly blockedDomains: readonly string[];
};

/** Whether a page of this address may be shown; no address of the web is none. */
export function mayShow(address: string, { allowedDomains, blockedDomains }: SearchDomains): boolean {
  const url = URL.parse(address);
  if (!url || !/^https?:$/.test(url.protocol)) return false;
  const isOn = (domain: string) => matches(url, domain);
  return (allowedDomains.length === 0 || allowedDomains.some(isOn)) && !blockedDomains.some(isOn);
}

/**
 * A site stands for its subdomains and, with a path, for what lies below the path, where `*` is anything. Source:
 * domain filtering in Anthropic's guide on its web search.
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
