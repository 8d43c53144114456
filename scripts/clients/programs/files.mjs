/** The tools of the clients that bring none: they write and read files of the working directory. */
import { readFile, writeFile } from "node:fs/promises";

const path = { type: "string" };

export const fileTools = {
  write_file: {
    description: "Write a file",
    schema: {
      type: "object",
      properties: { path, content: { type: "string" } },
      required: ["path", "content"],
      additionalProperties: false,
    },
    async run({ path, content }) {
      await writeFile(path, content);
      return "written";
    },
  },
  read_file: {
    description: "Read a file",
    schema: { type: "object", properties: { path }, required: ["path"], additionalProperties: false },
    run: ({ path }) => readFile(path, "utf8"),
  },
};

export const citySchema = {
  type: "object",
  properties: { city: { type: "string" }, people: { type: "integer" } },
  required: ["city", "people"],
  additionalProperties: false,
};
