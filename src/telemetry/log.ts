/**
 * Room `telemetry/`: what is recorded about a request. Not here: prompts, answers, headers, keys.
 *
 * The log: one line per event, as text or JSON, on a writer that the process edge supplies. Fields are never objects
 * from the wire: printing a Request or Headers would print keys.
 */

export const logLevels = ["DEBUG", "INFO", "WARNING", "ERROR"] as const;
export type LogLevel = (typeof logLevels)[number];

export const logFormats = ["text", "json"] as const;
export type LogFormat = (typeof logFormats)[number];

type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

export type Log = {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warning(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** Whether lines of this level are written, for those whose fields take work. */
  shows(level: LogLevel): boolean;
};

export type OpenLog = Log & {
  /** Drops everything below another level from now on. */
  setLevel(min: LogLevel): void;
};

type LogOptions = {
  readonly format?: LogFormat;
  /** The number of the process, if several write to the same log. */
  readonly worker?: number | undefined;
  /** The current time; for tests. */
  readonly now?: () => Date;
};

/** A log that drops everything below `min`. */
export function createLog(
  min: LogLevel,
  write: (line: string, level: LogLevel) => void,
  { format = "text", worker, now = () => new Date() }: LogOptions = {},
): OpenLog {
  let threshold = logLevels.indexOf(min);
  const own = worker === undefined ? undefined : { worker };
  const shows = (level: LogLevel): boolean => logLevels.indexOf(level) >= threshold;
  const logger =
    (level: LogLevel) =>
    (message: string, fields: LogFields = {}): void => {
      if (shows(level))
        write(writers[format](now(), level, message, own ? { ...own, ...fields } : fields), level);
    };
  return {
    setLevel(min) {
      threshold = logLevels.indexOf(min);
    },
    shows,
    debug: logger("DEBUG"),
    info: logger("INFO"),
    warning: logger("WARNING"),
    error: logger("ERROR"),
  };
}

type WriteLine = (time: Date, level: LogLevel, message: string, fields: LogFields) => string;

const writers: Readonly<Record<LogFormat, WriteLine>> = {
  text(time, level, message, fields) {
    let line = `${time.toISOString()} ${level.padEnd(7)} ${plain(message)}`;
    for (const key in fields) {
      const value = fields[key];
      if (value !== undefined) line += ` ${key}=${typeof value === "string" ? quote(value) : value}`;
    }
    return line;
  },
  json: (time, level, message, fields) =>
    JSON.stringify({ time: time.toISOString(), level, message, ...fields }, (_, value: unknown) =>
      typeof value === "string" ? cut(value) : value,
    ),
};

/** Characters of a message or a field: a hostile name of a model may have millions. Stacks fit. */
const maxLength = 4000;

const cut = (text: string): string => (text.length > maxLength ? `${text.slice(0, maxLength)}…` : text);

/** Message and stack of a foreign error, for the log only. */
export function describeThrown(thrown: unknown): string {
  return thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
}

/** A value that can be told from the next field, by logfmt's rule. */
function quote(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must go
  if (text.length <= maxLength && /^[^\s"=\u0000-\u001f\u007f-\u009f]+$/.test(text)) return text;
  const value = plain(text);
  return /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value);
}

/** Escapes line breaks and control characters, so that foreign text cannot forge a line or move the cursor. */
function plain(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must go
  return cut(text).replace(/[\u0000-\u001f\u007f-\u009f]+/g, " ");
}
