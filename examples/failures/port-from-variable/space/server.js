const http = require("http");

const port = process.env.PORT || 3000;

const roll = () => 1 + Math.floor(Math.random() * 6);

const server = http.createServer((request, response) => {
  response.setHeader("content-type", "text/html; charset=utf-8");
  response.end(`<!doctype html><title>Dice</title><h1>${roll()} and ${roll()}</h1>`);
});

server.listen(port, "0.0.0.0", () => {
  console.log(`Server running on port ${port}`);
});
