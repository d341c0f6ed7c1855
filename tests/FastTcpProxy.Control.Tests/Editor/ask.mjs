// Asks the language service of VS Code for JSON about documents. Reads { schema, documents: [{ text, at? }] } from standard input, and
// writes for each document { problems, hover, completions }: what the editor marks, and what it says and offers at the offset "at".
import { readFileSync } from "node:fs";
import service from "vscode-json-languageservice";

const { schema, documents } = JSON.parse(readFileSync(0, "utf8"));
const languageService = service.getLanguageService({
  clientCapabilities: service.ClientCapabilities.LATEST,
  // A file that names its schema gets the same one.
  schemaRequestService: async () => JSON.stringify(schema),
});
languageService.configure({ validate: true, schemas: [{ uri: "file:///schema.json", fileMatch: ["*"], schema }] });

const answers = [];
for (const [index, { text, at }] of documents.entries()) {
  const document = service.TextDocument.create(`file:///${index}/proxy.json`, "json", 1, text);
  const parsed = languageService.parseJSONDocument(document);
  const problems = await languageService.doValidation(document, parsed);
  const answer = {
    problems: problems.map((problem) => ({
      line: problem.range.start.line + 1,
      marked: document.getText(problem.range),
      message: problem.message,
    })),
    hover: null,
    completions: [],
  };
  if (at !== undefined && at !== null) {
    const position = document.positionAt(at);
    const hover = await languageService.doHover(document, position, parsed);
    answer.hover = hover?.contents?.[0] ?? null;
    const list = await languageService.doComplete(document, position, parsed);
    answer.completions = list.items.map((item) => ({
      label: item.label,
      insert: item.insertText,
      says: item.documentation?.value ?? item.documentation ?? item.labelDetails?.description ?? "",
    }));
  }
  answers.push(answer);
}
process.stdout.write(JSON.stringify(answers));
