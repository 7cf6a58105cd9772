// The Node form of http-recv: the records of each request, checked, on standard output: http_lines.js PORT
require("http").createServer((request, response) => {
  const parts = [];
  request.on("data", (part) => parts.push(part));
  request.on("end", () => {
    const lines = Buffer.concat(parts).toString().trim().split("\n").map((line) => JSON.stringify(JSON.parse(line)));
    process.stdout.write(lines.join("\n") + "\n", () => { response.writeHead(200); response.end(`{"accepted":${lines.length}}\n`); });
  });
}).listen(+process.argv[2], "127.0.0.1");
